package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"alerter/fetch"
	"alerter/usage"
)

// coverage is the content of history.json: what the folder holds. It is written
// after each page and says when that page counts.
type coverage struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Settled is where reading goes on: what is behind it was read before it had
	// settled, or not yet again. Zero: all of it had.
	Settled time.Time `json:"settled,omitzero"`
	Pages   int       `json:"pages"` // of usage
}

func (c coverage) settled() time.Time {
	if c.Settled.IsZero() {
		return c.To
	}
	return c.Settled
}

// recordFolder is the folder that a recording writes. Every file in it is whole: it
// is written under another name, and renamed.
type recordFolder struct {
	root         string
	covered      coverage
	organization usage.Organization // whose it is; zero: it is new
}

const (
	historyFile = "history.json"
	unfinished  = ".unfinished" // the name of the file that is being written
)

// open reads what there is. A folder that is something else is refused.
func (f *recordFolder) open() error {
	entries, err := os.ReadDir(f.root)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return coded{exitUsage, "alerter: " + err.Error()}
	}
	if err := f.discard(unfinished); err != nil {
		return err
	}
	who, err := f.read("organization.json")
	switch {
	case err != nil:
		return err
	case who == nil && len(entries) > 0:
		return coded{exitUsage, fmt.Sprintf("alerter: %s has files in it and is no history; name an empty or a new folder", f.root)}
	case who == nil:
		return nil
	}
	if f.organization, err = fetch.ReadOrganization(bytes.NewReader(who)); err != nil {
		return coded{exitUsage, fmt.Sprintf("alerter: read %s: %v", filepath.Join(f.root, "organization.json"), err)}
	}
	return f.openHistory()
}

func (f *recordFolder) openHistory() error {
	history, err := f.read(historyFile)
	if err != nil {
		return err
	}
	if history != nil {
		err = json.Unmarshal(history, &f.covered)
	}
	noted, seenErr := f.read("seen.jsonl")
	if err = errors.Join(err, seenErr); err != nil {
		return coded{exitUsage, fmt.Sprintf("alerter: read %s: %v", filepath.Join(f.root, historyFile), err)}
	}
	// Who reads the past knows what is in it, not when that could be seen.
	if noted != nil || history != nil && f.covered.Pages == 0 {
		return coded{exitUsage, fmt.Sprintf("alerter: %s was not made by this command, which cannot continue it; name another folder", f.root)}
	}
	return nil
}

// read is a file's content; nil where it is not there.
func (f *recordFolder) read(name string) ([]byte, error) {
	b, err := os.ReadFile(f.path(name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

func (f *recordFolder) path(name string) string {
	return filepath.Join(f.root, filepath.FromSlash(name))
}

func (f *recordFolder) discard(name string) error {
	if err := os.Remove(f.path(name)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// write makes or replaces a file, whole or not at all. What is there already stays.
func (f *recordFolder) write(name string, content []byte) error {
	if have, err := f.read(name); err != nil || have != nil && bytes.Equal(have, content) {
		return err
	}
	target := f.path(name)
	if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
		return err
	}
	file, err := os.OpenFile(f.path(unfinished), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", target, err)
	}
	if err := os.Rename(file.Name(), target); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(target))
}

// syncFolder makes a new name last, whatever happens to the machine.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// cover writes down what the folder holds now.
func (f *recordFolder) cover(c coverage) error {
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := f.write(historyFile, append(b, '\n')); err != nil {
		return err
	}
	f.covered = c
	return nil
}

// pageFile is a page of a report in the folder. Its name says which page it is, in the
// order of reading, and what was asked for.
type pageFile struct {
	folder   string
	number   int // from 1
	from, to time.Time
}

const pageTime = "20060102T1504Z"

func (p pageFile) name() string {
	return fmt.Sprintf("%s/%06d_%s_%s.json", p.folder, p.number, p.from.Format(pageTime), p.to.Format(pageTime))
}

// pages are the pages in a folder, in the order they were read.
func (f *recordFolder) pages(folder string) ([]pageFile, error) {
	names, err := savedFiles(f.root, folder)
	if err != nil {
		return nil, err
	}
	var all []pageFile
	for i, name := range names {
		p := pageFile{folder: folder}
		parts := strings.Split(strings.TrimSuffix(path.Base(name), ".json"), "_")
		if len(parts) == 3 {
			var errs [3]error
			p.number, errs[0] = strconv.Atoi(parts[0])
			p.from, errs[1] = time.Parse(pageTime, parts[1])
			p.to, errs[2] = time.Parse(pageTime, parts[2])
			err = errors.Join(errs[:]...)
		}
		if len(parts) != 3 || err != nil || p.number != i+1 {
			return nil, coded{exitUsage, fmt.Sprintf("alerter: %s was not written by this command, or a page before it is missing; name another folder", f.path(name))}
		}
		all = append(all, p)
	}
	return all, nil
}
