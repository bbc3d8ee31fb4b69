package config

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// maxValues bounds the values of one series of a rule test, and the minutes they
// stand for: two months.
const maxValues = 100_000

// expanding is one word of promtool's notation: a number, a+bxn, a-bxn, axn, _ or _xn.
// https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series
var expanding = regexp.MustCompile(`^(_|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?:([+-])([0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?))?(?:x([0-9]+))?$`)

// expandValues writes out promtool's notation; NaN is a value that is missing.
// As there, axn and a+bxn are n+1 values, and _xn is n.
func expandValues(text string) ([]float64, error) {
	var all []float64
	for _, word := range strings.Fields(text) {
		if word == "stale" {
			all = append(all, math.NaN())
			continue
		}
		some, err := expandWord(word)
		if err != nil {
			return nil, err
		}
		if all = append(all, some...); len(all) > maxValues {
			return nil, fmt.Errorf("more than %d values", maxValues)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("there are no values: write such as 200x20 960x20")
	}
	return all, nil
}

// expandWord writes out one word.
func expandWord(word string) ([]float64, error) {
	m := expanding.FindStringSubmatch(word)
	if m == nil || m[1] == "_" && m[2] != "" || m[2] != "" && m[4] == "" {
		return nil, fmt.Errorf("%q is not a value: write 5, 5x3, 5+2x3, 5-2x3, _, _x3 or stale", word)
	}
	times := 0
	if m[4] != "" {
		n, err := strconv.Atoi(m[4])
		if err != nil || n > maxValues {
			return nil, fmt.Errorf("%q is more than %d values", word, maxValues)
		}
		times = n
	}
	if m[1] == "_" {
		if m[4] == "" {
			times = 1
		}
		missing := make([]float64, times)
		for i := range missing {
			missing[i] = math.NaN()
		}
		return missing, nil
	}
	first, err := strconv.ParseFloat(m[1], 64)
	step := 0.0
	if m[3] != "" {
		var stepErr error
		step, stepErr = strconv.ParseFloat(m[3], 64)
		err = errors.Join(err, stepErr)
	}
	if err != nil {
		return nil, fmt.Errorf("%q is too large a number", word)
	}
	if m[2] == "-" {
		step = -step
	}
	values := make([]float64, times+1)
	for i := range values {
		if values[i] = first + float64(i)*step; values[i] < 0 {
			return nil, fmt.Errorf("%q goes below zero: nobody uses less than nothing", word)
		}
	}
	return values, nil
}
