package store

import (
	"database/sql"
	"math"
	"time"
)

const minuteMS = int64(time.Minute / time.Millisecond)

// toMS is for moments that are always set.
func toMS(t time.Time) int64 { return t.UnixMilli() }

func fromMS(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// toNullMS stores the zero time as NULL.
func toNullMS(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

func fromNullMS(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return fromMS(ms.Int64)
}

// forever is later than any moment that is stored.
const forever = math.MaxInt64 / 2

func floorMinute(ms int64) int64 { return ms - ms%minuteMS }

func ceilMinute(ms int64) int64 { return floorMinute(ms + minuteMS - 1) }
