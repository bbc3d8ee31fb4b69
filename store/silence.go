package store

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"alerter/notify/route"
)

// ErrNoSilence is for an id that no silence has.
var ErrNoSilence = errors.New("there is no such silence")

type silenceRow struct {
	ID        string `db:"id"`
	Matchers  string `db:"matchers"`
	CreatedBy string `db:"created_by"`
	Comment   string `db:"comment"`
	StartsMS  int64  `db:"starts_ms"`
	EndsMS    int64  `db:"ends_ms"`
	UpdatedMS int64  `db:"updated_ms"`
}

// PutSilence writes a silence that has passed [route.Silence.Check], and returns
// it as it is then. Without an ID, or where what it is about has changed or it has
// ended, it is a new one, and the old one ends; one that is active keeps its beginning; else the one of that ID is changed.
func (tx *Tx) PutSilence(s route.Silence, at time.Time) (route.Silence, error) {
	s.UpdatedAt = at.UTC()
	if s.StartsAt.Before(at) {
		s.StartsAt = at.UTC()
	}
	begins := s.StartsAt
	deed := DeedSilenceAdded
	if s.ID != "" {
		old, err := tx.Silence(s.ID)
		if err != nil {
			return s, err
		}
		if old.State(at) == route.SilenceActive {
			s.StartsAt = old.StartsAt
		}
		if old.State(at) == route.SilenceExpired || !slices.EqualFunc(old.Matchers, s.Matchers, route.Matcher.Equal) {
			if _, err := tx.ExpireSilence(s.ID, s.CreatedBy, at); err != nil && !errors.Is(err, ErrSilenceOver) {
				return s, err
			}
			s.ID, s.StartsAt = "", begins
		} else {
			deed = DeedSilenceChanged
		}
	}
	if s.ID == "" {
		s.ID = newID()
	}
	if err := tx.writeSilence(s); err != nil {
		return s, err
	}
	return s, tx.putDeed(Deed{At: at, Actor: s.CreatedBy, Deed: deed, Subject: s.ID, Detail: silenceText(s)})
}

// newID is a random UUID: the id of a silence is one in Alertmanager's API.
// https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-4
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: https://pkg.go.dev/crypto/rand#Read
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// ErrSilenceOver is for a silence that has ended already.
var ErrSilenceOver = errors.New("the silence has ended already")

// ExpireSilence ends a silence at that moment, and returns it.
func (tx *Tx) ExpireSilence(id, actor string, at time.Time) (route.Silence, error) {
	s, err := tx.Silence(id)
	if err != nil {
		return s, err
	}
	if s.State(at) == route.SilenceExpired {
		return s, fmt.Errorf("expire silence %s: %w", id, ErrSilenceOver)
	}
	s.EndsAt, s.UpdatedAt = at.UTC(), at.UTC()
	if s.StartsAt.After(at) {
		s.StartsAt = at.UTC()
	}
	if err := tx.writeSilence(s); err != nil {
		return s, err
	}
	return s, tx.putDeed(Deed{At: at, Actor: actor, Deed: DeedSilenceExpired, Subject: id, Detail: silenceText(s)})
}

func (tx *Tx) writeSilence(s route.Silence) error {
	matchers, err := json.Marshal(matcherTexts(s.Matchers))
	if err != nil {
		return fmt.Errorf("write the matchers of silence %s down: %w", s.ID, err)
	}
	_, err = tx.exec(`
		INSERT INTO silences (id, matchers, created_by, comment, starts_ms, ends_ms, updated_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET matchers = excluded.matchers, created_by = excluded.created_by, comment = excluded.comment,
			starts_ms = excluded.starts_ms, ends_ms = excluded.ends_ms, updated_ms = excluded.updated_ms`,
		s.ID, string(matchers), s.CreatedBy, s.Comment, toMS(s.StartsAt), toMS(s.EndsAt), toMS(s.UpdatedAt))
	if err == nil {
		_, err = tx.exec(`
			INSERT INTO silence_versions (id, updated_ms, matchers, starts_ms, ends_ms) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (id, updated_ms) DO UPDATE SET matchers = excluded.matchers, starts_ms = excluded.starts_ms, ends_ms = excluded.ends_ms`,
			s.ID, toMS(s.UpdatedAt), string(matchers), toMS(s.StartsAt), toMS(s.EndsAt))
	}
	if err != nil {
		return fmt.Errorf("put silence %s: %w", s.ID, err)
	}
	return nil
}

const selectSilences = "SELECT id, matchers, created_by, comment, starts_ms, ends_ms, updated_ms FROM silences"

// Silence finds one; without it the error is [ErrNoSilence].
func (tx *Tx) Silence(id string) (route.Silence, error) {
	list, err := tx.silencesWhere(selectSilences+" WHERE id = ?", id)
	if err != nil {
		return route.Silence{}, err
	}
	if len(list) == 0 {
		return route.Silence{}, fmt.Errorf("silence %s: %w", id, ErrNoSilence)
	}
	return list[0], nil
}

// Silences lists those that have not ended by then, and with the zero time all
// that are remembered, by their end.
func (tx *Tx) Silences(at time.Time) ([]route.Silence, error) {
	after := int64(-1)
	if !at.IsZero() {
		after = toMS(at)
	}
	return tx.silencesWhere(selectSilences+" WHERE ends_ms > ? ORDER BY ends_ms, id", after)
}

// SilencesAsOf lists those that had been written and had not ended at a moment in the past,
// as they then were.
func (tx *Tx) SilencesAsOf(at time.Time) ([]route.Silence, error) {
	return tx.silencesWhere(`
		SELECT v.id, v.matchers, '' AS created_by, '' AS comment, v.starts_ms, v.ends_ms, v.updated_ms FROM silence_versions v
		WHERE v.ends_ms > ?1 AND v.updated_ms <= ?1
			AND NOT EXISTS (SELECT 1 FROM silence_versions n WHERE n.id = v.id AND n.updated_ms > v.updated_ms AND n.updated_ms <= ?1)
		ORDER BY v.ends_ms, v.id`, toMS(at))
}

func (tx *Tx) silencesWhere(query string, args ...any) ([]route.Silence, error) {
	var rows []silenceRow
	if err := tx.list(&rows, query, args...); err != nil {
		return nil, fmt.Errorf("list the silences: %w", err)
	}
	list := make([]route.Silence, len(rows))
	for i, r := range rows {
		list[i] = route.Silence{
			ID: r.ID, CreatedBy: r.CreatedBy, Comment: r.Comment,
			StartsAt: fromMS(r.StartsMS), EndsAt: fromMS(r.EndsMS), UpdatedAt: fromMS(r.UpdatedMS),
		}
		var texts []string
		if err := json.Unmarshal([]byte(r.Matchers), &texts); err != nil {
			return nil, fmt.Errorf("read the matchers of silence %s: %w", r.ID, err)
		}
		for _, text := range texts {
			m, err := route.ParseMatcher(text)
			if err != nil {
				return nil, fmt.Errorf("read the matchers of silence %s: %w", r.ID, err)
			}
			list[i].Matchers = append(list[i].Matchers, m)
		}
	}
	return list, nil
}

func matcherTexts(matchers []route.Matcher) []string {
	texts := make([]string, len(matchers))
	for i, m := range matchers {
		texts[i] = m.String()
	}
	return texts
}

// silenceText says what a silence is about, for people.
func silenceText(s route.Silence) string {
	return strings.Join(matcherTexts(s.Matchers), ", ") + " until " + s.EndsAt.UTC().Format(time.RFC3339) + ": " + s.Comment
}
