package telegram

import (
	"context"
	"errors"
	"strconv"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
	"go.uber.org/zap"

	"patikra/bot/desk"
)

// How often the list of who waits is looked at and changed. Where the group's allowance is used up by what people write, it is changed
// the more seldom.
const (
	boardEvery  = 5 * time.Second
	boardSeldom = 30 * time.Second
	boardTime   = 20 * time.Second // how long whoever has noted that it changes the list has for that
)

// KeepBoard keeps one pinned message in the group, outside every case, that lists who waits and who holds what. There is none before the
// first case.
func (d *Desk) KeepBoard(ctx context.Context) {
	every := boardEvery
	for sleep(ctx, every) {
		call, cancel := context.WithTimeout(ctx, boardTime)
		begun := time.Now()
		err := d.board(call)
		cancel()
		if every = boardEvery; err != nil || time.Since(begun) > boardEvery {
			every = boardSeldom
		}
		if err != nil && ctx.Err() == nil {
			d.t.log.Debug("telegram: the list of who waits could not be brought up to date", zap.Error(err))
		}
	}
}

// board brings the list up to date. Of all processes that share a store one does so at a time: the one that has noted it. If that one ends
// under way, another does it again, and may leave a message behind that nobody changes any more.
func (d *Desk) board(ctx context.Context) error {
	now, err := d.t.bot.Board(ctx)
	if err != nil {
		return err
	}
	text, none, err := d.t.bot.Lists(ctx)
	if err != nil {
		return err
	}
	text = split(text, MaxText)[0]
	next := now
	if group := d.group(ctx); now.Group != group {
		next.Group, next.Message, next.Pinned, next.Text = group, 0, false, ""
	}
	if next.Message == 0 && none || next.Message != 0 && next.Text == text && (next.Pinned || !d.pins.Load()) || time.Now().Unix() < now.Until {
		return nil
	}
	now.Until = time.Now().Add(boardTime).Unix()
	if ours, err := d.t.bot.SetBoard(ctx, &now); err != nil || !ours {
		return err
	}
	err = d.showBoard(ctx, &next, text)
	_, noted := d.t.bot.SetBoard(ctx, next.After(now))
	return errors.Join(err, noted)
}

// showBoard puts the list into its message, and makes that anew where it is no longer there.
func (d *Desk) showBoard(ctx context.Context, board *desk.Board, text string) error {
	if d.Pace != nil {
		if err := d.Pace(ctx); err != nil {
			return err
		}
	}
	chat := strconv.FormatInt(board.Group, 10)
	if board.Message != 0 && board.Text != text {
		err := d.t.call.send(ctx, "editMessageText", form(chat, board.Message, text, nil), nil)
		switch {
		case err == nil || refused(err, "message is not modified"):
			board.Text = text
		case refused(err, "message to edit not found") || refused(err, "message can't be edited") || refused(err, "message_id_invalid"):
			board.Message, board.Pinned = 0, false
		default:
			return err
		}
	}
	if board.Message == 0 {
		ref, err := d.send(ctx, board.Group, 0, 0, append(form(chat, 0, text, nil), "&disable_notification=true"...))
		if err != nil {
			return err
		}
		board.Message, board.Text = ref, text
	}
	return d.pin(ctx, board)
}

// pin pins the list where the bot may. Where it may not, the list stays unpinned, and Note says so.
func (d *Desk) pin(ctx context.Context, board *desk.Board) error {
	if board.Pinned || !d.pins.Load() {
		return nil
	}
	err := d.t.call.call(ctx, "pinChatMessage", tgbotapi.Params{"chat_id": strconv.FormatInt(board.Group, 10), "message_id": strconv.FormatInt(board.Message, 10), "disable_notification": "true"}, nil)
	switch {
	case err == nil:
		board.Pinned = true
	case refused(err, "not enough rights") || refused(err, "chat_admin_required"):
		d.unpinned()
		d.lookAgain()
	default: // it is there, and is pinned with its next change
		d.t.log.Debug("telegram: the list of who waits is not pinned yet", zap.Error(err))
	}
	return nil
}

// unpinned notes that the bot may not pin messages in the group.
func (d *Desk) unpinned() {
	d.pins.Store(false)
	if !d.loose.Swap(true) {
		d.t.log.Warn("telegram: the bot may not pin messages in the desk's group; the list of who waits stands there unpinned")
	}
}

// noteUnpinned is what staff read where the bot may not pin messages.
const noteUnpinned = "the list of who waits is not pinned in the group: let the bot pin messages there"
