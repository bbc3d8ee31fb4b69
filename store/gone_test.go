package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestAFileThatIsNotThereAnyMoreIsNotWrittenTo(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(path string) error{
		"deleted": os.Remove,
		"moved":   func(path string) error { return os.Rename(path, path+".old") },
		"replaced": func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openAt(t, filepath.Join(t.TempDir(), "alerter.db"), Options{Lock: true})
			update(t, s, func(tx *Tx) error { return put(tx, "k", "v") })
			if err := lose(s.Path()); err != nil {
				t.Fatal(err)
			}
			ran := func(*Tx) error { t.Error("the transaction was begun"); return nil }
			for what, err := range map[string]error{
				"update": s.Update(context.Background(), ran), "view": s.View(context.Background(), ran),
			} {
				if !errors.Is(err, ErrGone) {
					t.Errorf("%s: got error %v, want ErrGone", what, err)
				}
				checkFileError(t, what, err, s.Path(), adviceGone)
			}
			if info, err := os.Stat(s.Path()); err == nil && info.Size() > 0 {
				t.Error("a new database was made in its place")
			}
		})
	}
}

func TestAFileThatIsPutBackIsUsedAgain(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	aside := s.Path() + ".old"
	if err := errors.Join(os.Rename(s.Path(), aside), os.Rename(aside, s.Path())); err != nil {
		t.Fatal(err)
	}
	update(t, s, func(tx *Tx) error { return put(tx, "k", "v") })
}
