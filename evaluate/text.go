package evaluate

import "time"

// Share is a ratio written as 80% or 0.8; 0 to 1 and above. As text in files, as
// a number in memory.
type Share float64

// Duration is a span written as in Prometheus: 90s, 5m, 4h, 30d, 1h30m.
type Duration time.Duration
