package store

import (
	"fmt"
	"slices"
	"sync"

	"alerter/usage"
)

// combinations is the table of the same name in memory: packed minutes name a
// combination by its id. Rows are only ever added, so it never goes stale, it
// only lacks what is newer. It holds committed rows only.
type combinations struct {
	mu   sync.RWMutex
	byID []*usage.Combination // index is the id; nil where there is none
	ids  map[usage.Combination]int64
}

// freshCombination is one that a transaction has added and not yet committed.
type freshCombination struct {
	id int64
	of *usage.Combination
}

func (c *combinations) add(fresh []freshCombination) {
	if len(fresh) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ids == nil {
		c.ids = make(map[usage.Combination]int64)
	}
	for _, f := range fresh {
		if n := int(f.id) + 1 - len(c.byID); n > 0 {
			c.byID = append(c.byID, make([]*usage.Combination, n)...)
		}
		if c.byID[f.id] == nil {
			c.byID[f.id] = f.of
			c.ids[*f.of] = f.id
		}
	}
}

func (c *combinations) newest() int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return int64(len(c.byID)) - 1
}

// snapshot is the table so far, a copy.
func (c *combinations) snapshot() []*usage.Combination {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Clone(c.byID)
}

func (c *combinations) id(of *usage.Combination) (int64, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	id, ok := c.ids[*of]
	return id, ok
}

type combinationRow struct {
	ID          int64  `db:"id"`
	Model       string `db:"model"`
	WorkspaceID string `db:"workspace_id"`
	ServiceTier string `db:"service_tier"`
	Speed       string `db:"speed"`
	Product     string `db:"product"`
	APIKeyID    string `db:"api_key_id"`
}

// loadCombinations reads what others have added since. Called before this
// transaction adds any itself, it reads committed rows only.
func (tx *Tx) loadCombinations() error {
	if len(tx.fresh) > 0 {
		return nil
	}
	var rows []combinationRow
	err := tx.list(&rows, `
		SELECT id, model, workspace_id, service_tier, speed, product, api_key_id
		FROM combinations WHERE id > ? ORDER BY id`, tx.store.combinations.newest())
	if err != nil {
		return fmt.Errorf("read the combinations: %w", err)
	}
	committed := make([]freshCombination, len(rows))
	for i, r := range rows {
		committed[i] = freshCombination{r.ID, &usage.Combination{
			Model: r.Model, WorkspaceID: r.WorkspaceID, ServiceTier: r.ServiceTier,
			Speed: r.Speed, Product: r.Product, APIKeyID: r.APIKeyID,
		}}
	}
	tx.store.combinations.add(committed)
	return nil
}

// combinationNames is the table as this transaction sees it, by id.
func (tx *Tx) combinationNames() ([]*usage.Combination, error) {
	if err := tx.loadCombinations(); err != nil {
		return nil, err
	}
	names := tx.store.combinations.snapshot()
	for _, f := range tx.fresh {
		if n := int(f.id) + 1 - len(names); n > 0 {
			names = append(names, make([]*usage.Combination, n)...)
		}
		names[f.id] = f.of
	}
	return names, nil
}

// numbering finds and gives ids to combinations. It remembers pointers, which a
// day of minutes shares, for as long as one PutMinutes takes.
type numbering struct {
	tx     *Tx
	known  map[*usage.Combination]int64
	values map[usage.Combination]int64 // those in tx.fresh
}

func (tx *Tx) numbering() (*numbering, error) {
	if err := tx.loadCombinations(); err != nil {
		return nil, err
	}
	n := &numbering{tx: tx, known: make(map[*usage.Combination]int64), values: make(map[usage.Combination]int64)}
	for _, f := range tx.fresh {
		n.values[*f.of] = f.id
	}
	return n, nil
}

func (n *numbering) id(of *usage.Combination) (int64, error) {
	if id, ok := n.known[of]; ok {
		return id, nil
	}
	id, ok := n.tx.store.combinations.id(of)
	if !ok {
		id, ok = n.values[*of]
	}
	if !ok {
		var err error
		if id, err = n.add(of); err != nil {
			return 0, err
		}
	}
	n.known[of] = id
	return id, nil
}

func (n *numbering) add(of *usage.Combination) (int64, error) {
	id, err := n.tx.insert(`
		INSERT INTO combinations (model, workspace_id, service_tier, speed, product, api_key_id)
		VALUES (?, ?, ?, ?, ?, ?)`,
		of.Model, of.WorkspaceID, of.ServiceTier, of.Speed, of.Product, of.APIKeyID)
	if err != nil {
		return 0, fmt.Errorf("add the combination %+v: %w", *of, err)
	}
	own := *of // the caller's may be reused
	n.values[own] = id
	n.tx.fresh = append(n.tx.fresh, freshCombination{id, &own})
	return id, nil
}
