package chart

import "bytes"

// Picture is a chart that has been drawn, for a message.
type Picture struct {
	PNG           []byte
	Width, Height int    // in CSS pixels; the PNG has twice as many each way
	Title         string // one line
	Text          string // what it shows, in words, for those who do not see it
}

// Picture draws the chart.
func (c Chart) Picture(size Size) (*Picture, error) {
	var b bytes.Buffer
	if err := c.PNG(&b, size); err != nil {
		return nil, err
	}
	return &Picture{PNG: b.Bytes(), Width: size.Width, Height: size.Height, Title: c.Title, Text: c.Describe()}, nil
}
