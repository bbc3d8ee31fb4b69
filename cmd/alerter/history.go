package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"alerter/evaluate/replay"
	"alerter/fetch"
	"alerter/usage"
)

// savedReport is a report of usage and where a history has its pages.
type savedReport struct {
	source usage.SourceKind
	folder string
	title  string
}

// savedReports are the reports of usage, the first one preferred.
var savedReports = []savedReport{
	{usage.SourceAnalytics, "usage", "analytics/usage"},
	{usage.SourceReport, "usage_report", "usage_report/messages"},
}

// historyFolder is a folder of saved answers under way to a history.
type historyFolder struct {
	root    string
	history replay.History
	seen    map[string]time.Time // when each file was read; nil: not noted
	notes   []string
	ticked  func(done, pages int) // nil: nobody looks
}

// readHistory reads a folder of raw answers of the Admin API, as docs/testing.md
// describes it. Lag and Settle are left to the caller. ticked, if not nil, is called
// after each page of usage.
func readHistory(root string, ticked func(done, pages int)) (replay.History, []string, error) {
	f := historyFolder{root: root, ticked: ticked}
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return f.history, nil, fmt.Errorf("there is no folder %s", root)
	}
	for _, step := range []func() error{f.names, f.limits, f.seenTimes, f.usage, f.covered} {
		if err := step(); err != nil {
			return f.history, nil, err
		}
	}
	return f.history, f.notes, nil
}

// open reads one file of the folder with read; found is false where it is not there.
func (f *historyFolder) open(name string, read func(io.Reader) error) (found bool, err error) {
	file, err := os.Open(filepath.Join(f.root, filepath.FromSlash(name)))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	if err := read(bufio.NewReaderSize(file, 1<<16)); err != nil {
		return true, fmt.Errorf("read %s: %w", path.Join(filepath.ToSlash(f.root), name), err)
	}
	return true, nil
}

// savedFiles names the JSON files below a folder of a history, in name order; none where
// it is not there.
func savedFiles(root, folder string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(folder)))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".json") {
			names = append(names, folder+"/"+e.Name())
		}
	}
	return names, err
}

// names reads the organization and its workspaces.
func (f *historyFolder) names() error {
	org := &f.history.Organization
	found, err := f.open("organization.json", func(r io.Reader) (err error) { *org, err = fetch.ReadOrganization(r); return err })
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%s has no organization.json, so it is not a history", f.root)
	}
	_, err = f.open("workspaces.json", func(r io.Reader) (err error) { org.Workspaces, err = fetch.ReadWorkspaces(r); return err })
	return err
}

// limits reads the first readings of limits, which have no time, and the later ones.
func (f *historyFolder) limits() error {
	found, err := f.limitsOf("", "")
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%s has no rate_limits.json: without limits nothing can be full", f.root)
	}
	entries, err := os.ReadDir(filepath.Join(f.root, "workspaces"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if _, err := f.limitsOf("workspaces/"+e.Name()+"/", e.Name()); err != nil {
			return err
		}
	}
	return nil
}

// limitsOf reads the readings of one scope, and reports whether there were any.
func (f *historyFolder) limitsOf(folder, workspaceID string) (found bool, err error) {
	add := func(name string, at time.Time) (bool, error) {
		return f.open(name, func(r io.Reader) error {
			reading, err := fetch.ReadLimits(r, workspaceID)
			f.history.Limits = append(f.history.Limits, replay.LimitReading{At: at, Readings: []usage.Reading{reading}})
			return err
		})
	}
	if found, err = add(folder+"rate_limits.json", time.Time{}); err != nil {
		return found, err
	}
	later, err := savedFiles(f.root, folder+"rate_limits")
	if err != nil {
		return found, err
	}
	for _, name := range later {
		text := strings.TrimSuffix(path.Base(name), ".json")
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return found, fmt.Errorf("%s: the file's name is not a time such as 2026-11-23T09:40:00Z.json", name)
		}
		if _, err := add(name, at.UTC()); err != nil {
			return found, err
		}
		found = true
	}
	return found, nil
}

// seenTimes reads when each file was read, if that was noted.
func (f *historyFolder) seenTimes() error {
	_, err := f.open("seen.jsonl", func(r io.Reader) error {
		f.seen = make(map[string]time.Time)
		for d, line := json.NewDecoder(r), 1; ; line++ {
			var note struct {
				File string    `json:"file"`
				At   time.Time `json:"at"`
			}
			if err := d.Decode(&note); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return fmt.Errorf("entry %d: %w", line, err)
			}
			if note.File == "" || note.At.IsZero() {
				return fmt.Errorf(`entry %d: want {"file": …, "at": …}`, line)
			}
			f.seen[path.Clean(filepath.ToSlash(note.File))] = note.At.UTC()
		}
	})
	f.history.Seen = f.seen != nil
	return err
}

// usage reads the pages of both reports. Pages that were read at the same time are
// one answer.
func (f *historyFolder) usage() error {
	for _, report := range savedReports {
		names, err := savedFiles(f.root, report.folder)
		if err != nil {
			return err
		}
		if len(names) > 0 && f.history.Source == "" {
			f.history.Source = report.source
		}
		if err := f.pages(names, report.source); err != nil {
			return err
		}
	}
	if f.history.Source == "" {
		return fmt.Errorf("%s has no pages under usage or usage_report", f.root)
	}
	return nil
}

// pages reads the pages of one report.
func (f *historyFolder) pages(names []string, source usage.SourceKind) error {
	byTime := make(map[time.Time]*fetch.Saved)
	var order []time.Time
	for i, name := range names {
		at, noted := f.seen[name]
		if f.seen != nil && !noted {
			return fmt.Errorf("seen.jsonl does not say when %s was read", name)
		}
		answer := byTime[at]
		if answer == nil {
			answer = &fetch.Saved{Source: source, DefaultWorkspaceID: f.history.Organization.DefaultWorkspaceID()}
			byTime[at] = answer
			order = append(order, at)
		}
		if _, err := f.open(name, answer.Read); err != nil {
			return err
		}
		if f.ticked != nil {
			f.ticked(i+1, len(names))
		}
	}
	for _, at := range order {
		minutes, notes := byTime[at].Minutes(at)
		f.history.Minutes = append(f.history.Minutes, minutes...)
		f.notes = append(f.notes, notes...)
	}
	return nil
}

// covered says which time the history covers.
func (f *historyFolder) covered() error {
	h := &f.history
	for _, m := range h.Minutes {
		if h.From.IsZero() || m.Start.Before(h.From) {
			h.From = m.Start
		}
		if end := m.Start.Add(time.Minute); end.After(h.To) {
			h.To = end
		}
	}
	_, err := f.open("history.json", func(r io.Reader) error {
		var span struct {
			From *time.Time `json:"from"`
			To   *time.Time `json:"to"`
		}
		if err := json.NewDecoder(r).Decode(&span); err != nil {
			return err
		}
		if span.From != nil {
			h.From = span.From.UTC().Truncate(time.Minute)
		}
		if span.To != nil {
			h.To = span.To.UTC().Truncate(time.Minute)
		}
		return nil
	})
	if err == nil && !h.To.After(h.From) {
		return fmt.Errorf("%s covers no time: its pages have no rows, and it has no history.json that says from when to when", f.root)
	}
	return err
}
