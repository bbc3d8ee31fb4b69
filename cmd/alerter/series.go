package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"alerter/config"
	"alerter/store"
	"alerter/usage"
)

type seriesCommand struct {
	Dump seriesDumpCommand `cmd:"" help:"The stored minutes in plain rows."`
}

type seriesDumpCommand struct {
	From string `help:"First minute, RFC 3339; without it an hour before --to." placeholder:"T"`
	To   string `help:"End, exclusive, RFC 3339; without it now." placeholder:"T"`
	database
	Output string `help:"text (CSV) or json (one object a line)." default:"text" enum:"text,json"`
}

// minuteRow is one stored bucket.
type minuteRow struct {
	Organization  string    `json:"organization"`
	Start         time.Time `json:"starting_at"`
	Source        string    `json:"source"`
	ReadAt        time.Time `json:"read_at"`
	Model         string    `json:"model"`
	WorkspaceID   string    `json:"workspace_id"`
	ServiceTier   string    `json:"service_tier"`
	Speed         string    `json:"speed"`
	Product       string    `json:"product"`
	APIKeyID      string    `json:"api_key_id"`
	Requests      *int64    `json:"requests"` // null: not counted
	UncachedInput int64     `json:"uncached_input_tokens"`
	CacheWrite5m  int64     `json:"ephemeral_5m_input_tokens"`
	CacheWrite1h  int64     `json:"ephemeral_1h_input_tokens"`
	CacheRead     int64     `json:"cache_read_input_tokens"`
	Output        int64     `json:"output_tokens"`
	WebSearches   int64     `json:"web_search_requests"`
}

// columns are the names of a row's fields in CSV, those of JSON in its order.
var columns = []string{
	"organization", "starting_at", "source", "read_at", "model", "workspace_id", "service_tier", "speed", "product", "api_key_id",
	"requests", "uncached_input_tokens", "ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens", "cache_read_input_tokens",
	"output_tokens", "web_search_requests",
}

// Run prints what is packed in the database.
func (c seriesDumpCommand) Run(p *program) error {
	to, err := givenTime(c.To, p.now())
	if err != nil {
		return err
	}
	from, err := givenTime(c.From, to.Add(-time.Hour))
	if err != nil {
		return err
	}
	return c.view(p, func(ctx context.Context, _ config.Place, st *store.Store) error {
		out := bufio.NewWriter(p.out)
		err := st.View(ctx, func(tx *store.Tx) error {
			if c.Output == "json" {
				return eachRow(tx, from, to, json.NewEncoder(out).Encode)
			}
			table := csv.NewWriter(out)
			err := errors.Join(table.Write(columns), eachRow(tx, from, to, func(row any) error {
				return table.Write(row.(minuteRow).cells())
			}))
			table.Flush()
			return errors.Join(err, table.Error())
		})
		return errors.Join(err, out.Flush())
	})
}

// eachRow gives do every stored bucket of a span, one organization after the other.
func eachRow(tx *store.Tx, from, to time.Time, do func(row any) error) error {
	orgs, err := tx.Organizations()
	if err != nil {
		return err
	}
	for _, org := range orgs {
		for m, err := range tx.Minutes(org.ID, from, to) {
			if err != nil {
				return err
			}
			for _, b := range m.Buckets {
				if err := do(toMinuteRow(org, m, b)); err != nil {
					return fmt.Errorf("write the minute %s: %w", m.Start.Format(time.RFC3339), err)
				}
			}
		}
	}
	return nil
}

func toMinuteRow(org usage.Organization, m usage.Minute, b usage.Bucket) minuteRow {
	row := minuteRow{
		Organization: org.Name, Start: m.Start, Source: string(m.Source), ReadAt: m.ReadAt,
		Model: b.Of.Model, WorkspaceID: b.Of.WorkspaceID, ServiceTier: b.Of.ServiceTier, Speed: b.Of.Speed,
		Product: b.Of.Product, APIKeyID: b.Of.APIKeyID, UncachedInput: b.UncachedInput, CacheWrite5m: b.CacheWrite5m,
		CacheWrite1h: b.CacheWrite1h, CacheRead: b.CacheRead, Output: b.Output, WebSearches: b.WebSearches,
	}
	if b.Requests != usage.RequestsUnknown {
		row.Requests = &b.Requests
	}
	return row
}

// cells are the row's fields in the order of columns; requests that were not
// counted are empty.
func (r minuteRow) cells() []string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	requests := ""
	if r.Requests != nil {
		requests = number(*r.Requests)
	}
	return []string{
		r.Organization, r.Start.Format(time.RFC3339), r.Source, r.ReadAt.Format(time.RFC3339), r.Model, r.WorkspaceID,
		r.ServiceTier, r.Speed, r.Product, r.APIKeyID, requests, number(r.UncachedInput), number(r.CacheWrite5m),
		number(r.CacheWrite1h), number(r.CacheRead), number(r.Output), number(r.WebSearches),
	}
}
