package sqlitestore

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// What is deleted is overwritten (secure_delete). But when SQLite moves rows from one page to another, to make
// room or to join two that are half empty, the first page keeps a copy of them in its free room, and deleting the
// rows later does not reach it. So the free room of every page that was written is filled with zeros before the
// page leaves the write-ahead log for the file; after that the log is emptied. Nothing else moves pages to the
// file: the log is never checkpointed by itself. What the file held when it was opened is reviewed once.
//
// The layout of pages and of the log is fixed: https://www.sqlite.org/fileformat2.html

const (
	logHeader   = 32
	frameHeader = 24
	slice       = 2000 // pages reviewed at once
)

// room calls f with every stretch of a page that holds nothing that can be read by a query. Pages that hold no
// rows have none: they are full, or were overwritten when they were freed.
func room(page []byte, number uint32, f func(free []byte)) {
	at := 0
	if number == 1 {
		at = 100 // the file's own header
	}
	pointers := at + 8
	switch page[at] {
	case 2, 5:
		pointers += 4
	case 10, 13:
	default:
		return
	}
	short := func(i int) int { return int(binary.BigEndian.Uint16(page[i:])) }
	pointers += 2 * short(at+3)
	cells := short(at + 5)
	if cells == 0 {
		cells = 1 << 16
	}
	if pointers > cells || cells > len(page) {
		return
	}
	f(page[pointers:cells])
	for block, last := short(at+1), cells-1; block > last && block+4 <= len(page); block, last = short(block), block {
		if size := short(block + 2); size >= 4 && block+size <= len(page) {
			f(page[block+4 : block+size])
		}
	}
}

var zeros [1 << 16]byte

// littered reports whether something is left in the free room of a page.
func littered(page []byte, number uint32) (found bool) {
	room(page, number, func(free []byte) { found = found || !bytes.Equal(free, zeros[:len(free)]) })
	return found
}

// litteredInLog reads the write-ahead log and lists the pages whose newest version is littered. The log may hold
// more than is valid; that does no harm.
func litteredInLog(path string) ([]uint32, error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 1<<18)
	var head [logHeader]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, ended(err)
	}
	size := binary.BigEndian.Uint32(head[8:])
	if size < 512 || size > 1<<16 {
		return nil, fmt.Errorf("the log has pages of %d bytes", size)
	}
	found := map[uint32]bool{}
	frame := make([]byte, frameHeader+size)
	for {
		if _, err = io.ReadFull(in, frame); err != nil || !bytes.Equal(frame[8:16], head[16:24]) {
			break // the end, or what an earlier round of the log left
		}
		number := binary.BigEndian.Uint32(frame)
		if littered(frame[frameHeader:], number) {
			found[number] = true
		} else {
			delete(found, number)
		}
	}
	list := make([]uint32, 0, len(found))
	for number := range found {
		list = append(list, number)
	}
	return list, ended(err)
}

// ended drops the error of a file that ends.
func ended(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil
	}
	return err
}

// clean fills the free room of pages with zeros.
func (s *Store) clean(tx *sql.Tx, pages []uint32) error {
	for _, number := range pages {
		var page []byte
		if err := tx.Stmt(s.st.page).QueryRow(number).Scan(&page); errors.Is(err, sql.ErrNoRows) {
			continue // the file has become shorter
		} else if err != nil {
			return err
		}
		room(page, number, func(free []byte) { clear(free) })
		if _, err := tx.Stmt(s.st.setPage).Exec(page, number); err != nil {
			return err
		}
	}
	return nil
}

// checkpoint cleans what the log holds and moves it to the file. With empty the log is cut to nothing, so that no
// earlier state of a page stands there; without, it is written over from its start. It reports whether all was done.
func (s *Store) checkpoint(empty bool) bool {
	pages, err := litteredInLog(s.path + "-wal")
	if err == nil && len(pages) > 0 {
		o := &op{run: func(tx *sql.Tx) error { return s.clean(tx, pages) }, done: make(chan struct{})}
		s.transact([]*op{o})
		err = o.err
	}
	if err != nil {
		return false
	}
	mode := "RESTART"
	if empty {
		mode = "TRUNCATE"
	}
	var busy, log, moved int
	err = s.write.QueryRow("PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &log, &moved)
	return err == nil && busy == 0
}

// review cleans what stands in the file already, a slice at a time, between the writes of others.
func (s *Store) review(ctx context.Context) error {
	var count uint32
	if err := s.read.QueryRowContext(ctx, "PRAGMA page_count").Scan(&count); err != nil {
		return err
	}
	for first := uint32(1); first <= count; first += slice {
		pages, err := s.litteredInFile(ctx, first, min(first+slice-1, count))
		if err != nil {
			return err
		}
		if len(pages) == 0 {
			continue
		}
		o := &op{run: func(tx *sql.Tx) error { return s.clean(tx, pages) }, done: make(chan struct{}), erase: true}
		if err := s.submit(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) litteredInFile(ctx context.Context, first, last uint32) ([]uint32, error) {
	rows, err := s.read.QueryContext(ctx, `WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		SELECT i, data FROM n JOIN sqlite_dbpage ON pgno = i`, first, last)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var pages []uint32
	for rows.Next() {
		var number uint32
		var page sql.RawBytes
		if err := rows.Scan(&number, &page); err != nil {
			return nil, err
		}
		if littered(page, number) {
			pages = append(pages, number)
		}
	}
	return pages, rows.Err()
}
