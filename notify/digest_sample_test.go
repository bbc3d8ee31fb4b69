package notify

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestASampleDigestSaysThatItIsOne(t *testing.T) {
	t.Parallel()
	m := SampleDigest("team", "k1", "https://alerter.example.com", noon)
	if m.Kind != KindDigest || m.Key != "k1" || m.Receiver != "team" || !strings.HasPrefix(m.Title, "[TEST] ") || m.Subject != m.Title {
		t.Errorf("got %s %s for %s, titled %q", m.Kind, m.Key, m.Receiver, m.Title)
	}
	var headings []string
	for _, s := range m.Sections {
		headings = append(headings, s.Heading)
		for _, line := range s.Lines {
			if strings.Contains(line, "Claude") && !strings.Contains(line, "· sample") {
				t.Errorf("%q does not say that the limit is a sample", line)
			}
		}
	}
	want := []string{"Closest calls", "At the limit", "Warnings", "Worth asking for more", "Growing", "Never near"}
	if diff := cmp.Diff(want, headings); diff != "" {
		t.Errorf("sections (-want +got):\n%s", diff)
	}
	if m.Digest.Foreseen != 1 || m.Digest.TimesReached != 2 || m.Digest.Warnings.Right != 1 || m.Digest.Warnings.Wrong != 1 {
		t.Errorf("got %+v, want two times at a limit, one foreseen, and a warning of each kind", m.Digest)
	}
}
