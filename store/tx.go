package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jmoiron/sqlx"
)

// Tx is one transaction. It belongs to the function it is given to, and to that
// function's goroutine.
type Tx struct {
	store *Store
	tx    *sqlx.Tx
	// ctx is the caller's. It is asked between statements and not handed to
	// them: for a context that can end the driver starts a goroutine and a
	// progress callback for each statement, which costs more than most of ours.
	ctx   context.Context
	plain context.Context // ctx without its end
	stmts map[string]*sqlx.Stmt
	fresh []freshCombination // added by this transaction, known to the store once committed
}

func newTx(ctx context.Context, s *Store, t *sqlx.Tx) *Tx {
	return &Tx{store: s, tx: t, ctx: ctx, plain: context.WithoutCancel(ctx), stmts: make(map[string]*sqlx.Stmt)}
}

// prepare keeps each statement until the transaction ends, which closes them.
func (tx *Tx) prepare(query string) (*sqlx.Stmt, error) {
	if err := tx.ctx.Err(); err != nil {
		return nil, err
	}
	if s, ok := tx.stmts[query]; ok {
		return s, nil
	}
	s, err := tx.tx.PreparexContext(tx.plain, query)
	if err != nil {
		return nil, err
	}
	tx.stmts[query] = s
	return s, nil
}

// exec returns how many rows were changed.
func (tx *Tx) exec(query string, args ...any) (int64, error) {
	res, err := tx.write(query, args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// insert returns the row's id.
func (tx *Tx) insert(query string, args ...any) (int64, error) {
	res, err := tx.write(query, args)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

func (tx *Tx) write(query string, args []any) (sql.Result, error) {
	s, err := tx.prepare(query) //nolint:sqlclosecheck // closed with the transaction
	if err != nil {
		return nil, err
	}
	return s.ExecContext(tx.plain, args...)
}

// get reports whether there is such a row, and reads it into dest.
func (tx *Tx) get(dest any, query string, args ...any) (bool, error) {
	s, err := tx.prepare(query) //nolint:sqlclosecheck // closed with the transaction
	if err != nil {
		return false, err
	}
	err = s.GetContext(tx.plain, dest, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// list puts the rows into dest, a pointer to a slice, in place of what is there.
func (tx *Tx) list(dest any, query string, args ...any) error {
	s, err := tx.prepare(query) //nolint:sqlclosecheck // closed with the transaction
	if err != nil {
		return err
	}
	return s.SelectContext(tx.plain, dest, args...)
}

// rows is for reading row by row. It is not prepared: two readers of the same
// text may be open at once.
func (tx *Tx) rows(query string, args ...any) (*sqlx.Rows, error) {
	if err := tx.ctx.Err(); err != nil {
		return nil, err
	}
	return tx.tx.QueryxContext(tx.plain, query, args...)
}
