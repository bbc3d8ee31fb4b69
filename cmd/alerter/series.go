package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"alerter/config"
	"alerter/store"
	"alerter/usage"
)

type seriesCommand struct {
	Dump seriesDumpCommand `cmd:"" help:"The stored minutes in plain rows."`
}

type seriesDumpCommand struct {
	From   string `help:"First minute, RFC 3339; without it an hour before --to." placeholder:"T"`
	To     string `help:"End, exclusive, RFC 3339; without it now." placeholder:"T"`
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

// Run prints what is packed in the database.
func (c seriesDumpCommand) Run(p *program) error {
	to, err := c.moment(c.To, p.now())
	if err != nil {
		return err
	}
	from, err := c.moment(c.From, to.Add(-time.Hour))
	if err != nil {
		return err
	}
	out := bufio.NewWriter(p.out)
	defer out.Flush()
	if c.Output == "text" {
		fmt.Fprintln(out, "organization,starting_at,source,read_at,model,workspace_id,service_tier,speed,product,api_key_id,requests,uncached_input_tokens,ephemeral_5m_input_tokens,ephemeral_1h_input_tokens,cache_read_input_tokens,output_tokens,web_search_requests")
	}
	return p.view(func(ctx context.Context, _ *config.Config, st *store.Store) error {
		return st.View(ctx, func(tx *store.Tx) error {
			orgs, err := tx.Organizations()
			if err != nil {
				return err
			}
			for _, org := range orgs {
				for m, err := range tx.Minutes(org.ID, from, to) {
					if err != nil {
						return err
					}
					c.print(out, org, m)
				}
			}
			return nil
		})
	})
}

func (c seriesDumpCommand) moment(text string, otherwise time.Time) (time.Time, error) {
	if text == "" {
		return otherwise, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, coded{exitUsage, fmt.Sprintf("alerter: %q is not a time: write it as %s", text, "2026-11-23T09:40:00Z")}
	}
	return t.UTC(), nil
}

func (c seriesDumpCommand) print(out *bufio.Writer, org usage.Organization, m usage.Minute) {
	for _, b := range m.Buckets {
		row := minuteRow{
			Organization: org.Name, Start: m.Start, Source: string(m.Source), ReadAt: m.ReadAt,
			Model: b.Of.Model, WorkspaceID: b.Of.WorkspaceID, ServiceTier: b.Of.ServiceTier, Speed: b.Of.Speed,
			Product: b.Of.Product, APIKeyID: b.Of.APIKeyID, UncachedInput: b.UncachedInput, CacheWrite5m: b.CacheWrite5m,
			CacheWrite1h: b.CacheWrite1h, CacheRead: b.CacheRead, Output: b.Output, WebSearches: b.WebSearches,
		}
		requests := ""
		if b.Requests != usage.RequestsUnknown {
			row.Requests = &b.Requests
			requests = fmt.Sprint(b.Requests)
		}
		if c.Output == "json" {
			_ = json.NewEncoder(out).Encode(row) // into memory
			continue
		}
		fmt.Fprintf(out, "%q,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%d,%d,%d,%d,%d,%d\n", row.Organization,
			row.Start.Format(time.RFC3339), row.Source, row.ReadAt.Format(time.RFC3339), row.Model, row.WorkspaceID, row.ServiceTier,
			row.Speed, row.Product, row.APIKeyID, requests, row.UncachedInput, row.CacheWrite5m, row.CacheWrite1h, row.CacheRead, row.Output, row.WebSearches)
	}
}
