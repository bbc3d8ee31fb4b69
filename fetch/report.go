package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"alerter/usage"
)

const (
	reportPath = "v1/organizations/usage_report/messages"
	// fastBeta lets in the dimension speed.
	// https://platform.claude.com/docs/en/build-with-claude/fast-mode
	fastBeta      = "fast-mode-2026-02-01"
	reportBuckets = 1440 // of a page, the most the API takes
)

const noSpeedNote = "the report does not tell fast mode apart: its tokens count as standard ones"

// readReport reads the older report, without the dimension speed where that is
// refused.
func (c *Client) readReport(ctx context.Context, q Query) (Answer, error) {
	return eitherSpeed(c, func(speed bool) (a Answer, begun bool, err error) {
		a, err = c.pages(ctx, q, c.legacy(q, speed, reportBuckets))
		return a, a.Pages > 0, err
	})
}

// eitherSpeed reads with the dimension speed, and where that is refused without it.
// read also says whether it had begun to read when it ended.
func eitherSpeed[T any](c *Client, read func(speed bool) (_ T, begun bool, err error)) (T, error) {
	at := c.Now()
	if c.refusals.hold(speedDimension, at) {
		answer, _, err := read(false)
		return answer, err
	}
	answer, begun, err := read(true)
	if refused, ok := errors.AsType[*StatusError](err); !ok || refused.Code != 400 || begun {
		return answer, err
	}
	// A 400 does not say in a stable way that speed is the reason. If the report
	// can be read without it, it was.
	without, _, again := read(false)
	if again != nil {
		return answer, err
	}
	c.refusals.add(speedDimension, at)
	return without, nil
}

// legacy is the report usage_report/messages, so many buckets a page at most.
func (c *Client) legacy(q Query, speed bool, buckets int) report {
	by := []string{"model", "workspace_id", "service_tier"}
	if q.Source == usage.SourceKeys {
		by = append(by, "api_key_id")
	}
	r := report{row: func(b *body, t *tally, page int) rowReader {
		return readReportBucket(b, t, page, q.DefaultWorkspaceID)
	}}
	beta := ""
	if speed {
		by, beta = append(by, "speed"), fastBeta
	} else {
		r.notes = append(r.notes, noSpeedNote)
	}
	r.ask = func(cursor string) request {
		v := reportValues(q.From, q.To, buckets)
		v["group_by[]"] = by
		if cursor != "" {
			v.Set("page", cursor)
		}
		return reportRequest(v, beta)
	}
	return r
}

func reportValues(from, to time.Time, most int) url.Values {
	buckets := min(most, int(to.Sub(from)/time.Minute))
	return url.Values{
		"starting_at":  {from.Format(time.RFC3339)},
		"ending_at":    {to.Format(time.RFC3339)},
		"bucket_width": {"1m"},
		"limit":        {strconv.Itoa(buckets)},
	}
}

func reportRequest(v url.Values, beta string) request {
	return request{endpoint: EndpointReport, path: reportPath, query: values(v), beta: beta, legacy: true, maxBody: maxUsageBody}
}

// readReportBucket reads buckets of usage_report/messages, each with its results.
func readReportBucket(b *body, t *tally, page int, defaultWorkspace string) rowReader {
	var row reportRow
	var held []heldRow // of one bucket, whose bounds may stand behind them
	result := func(d *json.Decoder) error {
		b.next()
		if err := row.read(d); err != nil {
			return fmt.Errorf("results[%d]: %w", len(held), err)
		}
		held = append(held, row.hold(t.names, defaultWorkspace))
		return nil
	}
	return func(d *json.Decoder) error {
		held = held[:0]
		from, to, err := readBucket(b, d, result)
		if err != nil {
			return err
		}
		start, err := minuteOf(from, to)
		if err != nil {
			return err
		}
		t.cover(start)
		for i := range held {
			if held[i].of.WorkspaceID == "" {
				t.remark("rows counted as outside any workspace because the id of the default one is not known", start)
			}
			t.add(start, page, held[i].of, &held[i].counts)
		}
		return nil
	}
}

// readBucket reads one bucket and calls result for each of its rows, which must
// read it.
func readBucket(b *body, d *json.Decoder, result func(d *json.Decoder) error) (from, to moment, err error) {
	results := false
	err = eachField(d, func(name string) error {
		b.next()
		switch name {
		case "starting_at":
			return into(d, &from)
		case "ending_at":
			return into(d, &to)
		case "results":
			if results {
				return errors.New("it has two fields results")
			}
			results = true
			return eachElement(d, func(int) error { return result(d) })
		}
		return skip(d, b.next)
	})
	if err == nil && !results {
		err = errors.New("results is missing")
	}
	return from, to, err
}

// heldRow is a row whose minute is not known yet.
type heldRow struct {
	of     *usage.Combination
	counts wireCounts
}

// read reads one result.
func (r *reportRow) read(d *json.Decoder) error {
	r.wireCounts = wireCounts{}
	r.reset()
	if err := into(d, r); err != nil {
		return err
	}
	return errors.Join(r.wireLabels.check(""), r.wireCounts.check(""))
}

func (r *reportRow) hold(n names, defaultWorkspace string) heldRow {
	of := r.combination(n)
	if of.WorkspaceID == "" && defaultWorkspace != "" {
		with := *of
		with.WorkspaceID = defaultWorkspace
		of = n.combination(with)
	}
	counts := r.wireCounts
	// The older report does not count requests, whatever a field of that name
	// might come to mean.
	counts.Requests, counts.Total = number{}, number{}
	return heldRow{of: of, counts: counts}
}
