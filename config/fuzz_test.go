package config

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Whatever the bytes, loading ends, does not panic, and either gives a
// configuration that can be shown or problems with positions. What commands beside the
// service read of a good file is what the service reads.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("../testdata/rules/bad/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range append(files, "../rules.yaml", "testdata/show.yaml") {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(full))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := LoadBytes("rules.yaml", b, environment)
		place := ReadPlaceBytes("rules.yaml", b, environment)
		if err == nil {
			database, databaseErr := place.Database()
			web, webErr := place.Web()
			if database != c.Storage.Path || web.Listen != c.Web.Listen || databaseErr != nil || webErr != nil || len(place.Problems) > 0 {
				t.Errorf("got the place %+v of a file that is right", place)
			}
			if _, err := c.Show(); err != nil {
				t.Errorf("show what was loaded: %v", err)
			}
			return
		}
		problems, ok := errors.AsType[Errors](err)
		if !ok || len(problems) == 0 {
			t.Fatalf("got %T %v, want Errors", err, err)
		}
		for _, p := range problems {
			if (p.Line < 1 || p.Column < 1) && len(b) <= maxFile || p.Message == "" {
				t.Errorf("got a problem without position or message: %+v", p)
			}
		}
	})
}
