package config

import "testing"

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := LoadBytes("rules.yaml", []byte(full), environment); err != nil {
			b.Fatal(err)
		}
	}
}
