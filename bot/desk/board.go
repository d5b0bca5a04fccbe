package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/talk"
)

// Board is the message in the counsellors' group that lists who waits and who holds what. All processes that share a store keep
// one of them.
type Board struct {
	Group   int64  `json:"group,omitempty"`
	Message int64  `json:"message,omitempty"` // 0: there is none
	Pinned  bool   `json:"pinned,omitempty"`
	Text    string `json:"text,omitempty"`  // what it shows
	Until   int64  `json:"until,omitempty"` // until when a process has taken it upon itself to change it, Unix seconds

	raw []byte // as it lies in the store
}

var boardAddress = bot.Address{Channel: bot.DeskName, ID: "board"}

// mostBoard is how many cases of one kind stand on the board.
const mostBoard = 25

// Board returns what is known of the board, the zero Board when there was none.
func (b *Desk) Board(ctx context.Context) (board Board, err error) {
	plain, raw, err := b.Kept(ctx, boardAddress)
	if err != nil {
		return board, fmt.Errorf("read the list of who waits: %w", err)
	}
	if plain != nil && json.Unmarshal(plain, &board) != nil {
		board = Board{}
	}
	board.raw = raw
	return board, nil
}

// SetBoard notes what became of the board, in the place of what was known of it. It reports false when another process was faster.
func (b *Desk) SetBoard(ctx context.Context, board *Board) (bool, error) {
	plain, err := json.Marshal(board)
	if err != nil {
		return false, err
	}
	next := b.Sealed(boardAddress, plain)
	done, err := b.store.Swap(ctx, boardAddress.Channel+":"+boardAddress.ID, board.raw, next, engine.RosterLife)
	if err != nil {
		return false, fmt.Errorf("note the list of who waits: %w", err)
	}
	if done {
		board.raw = next
	}
	return done, nil
}

// After returns the board as what comes after another in the store, with nobody at work on it.
func (b Board) After(other Board) *Board {
	b.Until, b.raw = 0, other.raw
	return &b
}

// Lists draws the board in the desk's language: who waits, the most urgent first, who holds whom, and whose call is due later. None is empty when
// there is nobody to list.
func (b *Desk) Lists(ctx context.Context) (text string, none bool, err error) {
	l := b.Library()
	lang := l.Catalog.Language(l.Catalog.Desk.Language)
	cases, missing := b.Cases(ctx)
	if missing != nil && !bot.Partial(missing) {
		return "", false, missing
	}
	folded, err := b.Folded(ctx)
	if err != nil && !bot.Partial(err) {
		return "", false, err
	}
	var lists [3][]string
	var more [3]int
	waiting, held, later := &lists[0], &lists[1], &lists[2]
	for _, m := range cases {
		into := waiting
		switch {
		case bot.CaseState(m.State&engine.MarkState) == bot.Taken:
			into = held
		case m.Since.After(time.Now()):
			into = later
		}
		if len(*into) >= mostBoard {
			for i := range lists {
				if into == &lists[i] {
					more[i]++
				}
			}
			continue
		}
		s, err := b.Case(ctx, m.Key)
		if err != nil {
			return "", false, err
		}
		if s.Case.Active() {
			*into = append(*into, talk.ListedAs(l, s, lang))
		}
	}
	var out []string
	for i, title := range []string{"board-waiting", "board-held", "board-later"} {
		if len(lists[i]) == 0 {
			continue
		}
		part := "**" + lang.Text("desk."+title) + "**\n" + strings.Join(lists[i], "\n")
		if more[i] > 0 {
			part += "\n" + strings.ReplaceAll(lang.Text("desk.board-more"), "{count}", strconv.Itoa(more[i]))
		}
		out = append(out, part)
	}
	if len(*waiting) == 0 {
		out = append([]string{"**" + lang.Text("desk.board-none") + "**"}, out...)
	}
	if len(folded) > 0 {
		out = append(out, strings.ReplaceAll(lang.Text("desk.board-folded"), "{count}", strconv.Itoa(len(folded))))
	}
	if missing != nil {
		out = append(out, lang.Text("console.partial"))
	}
	return strings.Join(out, "\n\n"), len(cases)+len(folded) == 0 && missing == nil, nil
}
