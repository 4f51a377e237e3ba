// Package inventory keeps the stock of the shop in a SQL database and serves it over HTTP.
package inventory

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// Item is one article and how many of it are left.
type Item struct {
	SKU   string `json:"sku"`
	Name  string `json:"name"`
	Cents int64  `json:"cents"`
	Stock int64  `json:"stock"`
}

// Reservation takes a quantity of an article out of the stock.
type Reservation struct {
	ID       int64  `json:"id"`
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
	Left     int64  `json:"left"`
}

var (
	// ErrUnknownItem says that there is no such article.
	ErrUnknownItem = errors.New("unknown item")
	// ErrOutOfStock says that fewer are left than were asked for.
	ErrOutOfStock = errors.New("out of stock")
	// ErrQuantity says that the quantity is not positive.
	ErrQuantity = errors.New("quantity must be positive")
)

// Store is the stock in a database.
type Store struct {
	db     *sql.DB
	byID   *sql.Stmt
	taking string
}

// Open connects to a database and makes it ready. The name is a PostgreSQL URL, or the path of a SQLite file, or
// empty for a database in memory.
func Open(ctx context.Context, name string) (*Store, error) {
	driver, source := "sqlite", "file:"+name+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_txlock=immediate"
	switch {
	case strings.HasPrefix(name, "postgres://"), strings.HasPrefix(name, "postgresql://"):
		driver, source = "pgx", name
	case name == "":
		source = "file::memory:"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	store := &Store{db: db, taking: "SELECT stock FROM items WHERE sku = $1"}
	if driver == "pgx" {
		store.taking += " FOR UPDATE"
	}
	if name == "" {
		// Every connection to a database in memory would have one of its own.
		db.SetMaxOpenConns(1)
	}
	if err := store.prepare(ctx); err != nil {
		_ = db.Close()
		return nil, err
	}
	return store, nil
}

func (s *Store) prepare(ctx context.Context) error {
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("reach database: %w", err)
	}
	serial := "INTEGER PRIMARY KEY"
	if strings.HasSuffix(s.taking, "FOR UPDATE") {
		serial = "BIGSERIAL PRIMARY KEY"
	}
	for _, statement := range []string{
		"CREATE TABLE IF NOT EXISTS items (sku TEXT PRIMARY KEY, name TEXT NOT NULL, cents BIGINT NOT NULL, stock BIGINT NOT NULL)",
		"CREATE TABLE IF NOT EXISTS reservations (id " + serial + ", sku TEXT NOT NULL REFERENCES items (sku), quantity BIGINT NOT NULL)",
	} {
		if _, err := s.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("create tables: %w", err)
		}
	}
	byID, err := s.db.PrepareContext(ctx, "SELECT sku, name, cents, stock FROM items WHERE sku = $1")
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	s.byID = byID
	return nil
}

// Close gives the connections back.
func (s *Store) Close() error {
	return errors.Join(s.byID.Close(), s.db.Close())
}

// Put adds articles, or gives those that exist another name, price and stock.
func (s *Store) Put(ctx context.Context, items ...Item) error {
	return s.transaction(ctx, func(tx *sql.Tx) error {
		put, err := tx.PrepareContext(ctx, "INSERT INTO items (sku, name, cents, stock) VALUES ($1, $2, $3, $4)"+
			" ON CONFLICT (sku) DO UPDATE SET name = excluded.name, cents = excluded.cents, stock = excluded.stock")
		if err != nil {
			return err
		}
		defer put.Close()
		for _, item := range items {
			if _, err := put.ExecContext(ctx, item.SKU, item.Name, item.Cents, item.Stock); err != nil {
				return err
			}
		}
		return nil
	})
}

// Items lists the articles by SKU.
func (s *Store) Items(ctx context.Context) ([]Item, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT sku, name, cents, stock FROM items ORDER BY sku")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	items := []Item{}
	for rows.Next() {
		var item Item
		if err := rows.Scan(&item.SKU, &item.Name, &item.Cents, &item.Stock); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, rows.Err()
}

// Item returns one article, or ErrUnknownItem.
func (s *Store) Item(ctx context.Context, sku string) (Item, error) {
	var item Item
	err := s.byID.QueryRowContext(ctx, sku).Scan(&item.SKU, &item.Name, &item.Cents, &item.Stock)
	if errors.Is(err, sql.ErrNoRows) {
		return Item{}, fmt.Errorf("%w: %s", ErrUnknownItem, sku)
	}
	return item, err
}

// Reserve takes a quantity out of the stock, or fails with ErrUnknownItem, ErrOutOfStock or ErrQuantity and changes nothing.
func (s *Store) Reserve(ctx context.Context, sku string, quantity int64) (Reservation, error) {
	reservation := Reservation{SKU: sku, Quantity: quantity}
	if quantity <= 0 {
		return reservation, ErrQuantity
	}
	err := s.transaction(ctx, func(tx *sql.Tx) error {
		var stock int64
		switch err := tx.QueryRowContext(ctx, s.taking, sku).Scan(&stock); {
		case errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("%w: %s", ErrUnknownItem, sku)
		case err != nil:
			return err
		case stock < quantity:
			return fmt.Errorf("%w: %s, %d left", ErrOutOfStock, sku, stock)
		}
		reservation.Left = stock - quantity
		if _, err := tx.ExecContext(ctx, "UPDATE items SET stock = stock - $1 WHERE sku = $2", quantity, sku); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "INSERT INTO reservations (sku, quantity) VALUES ($1, $2) RETURNING id", sku, quantity).
			Scan(&reservation.ID)
	})
	return reservation, err
}

func (s *Store) transaction(ctx context.Context, body func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := body(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
