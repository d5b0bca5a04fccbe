package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"patikra/bot"
)

// sealedFile is a file of a conversation, bound to its number.
const sealedFile byte = 'f'

// toFiles leaves of the messages to the desk those that are fetched and kept: all others go where there are topics.
func toFiles(desk []bot.Message) []bot.Message {
	return slices.DeleteFunc(desk, func(m bot.Message) bool { return m.To.Channel != bot.FilesName })
}

// ErrNoFile says that a talk has no such file, or none any more.
var ErrNoFile = errors.New("there is no such file")

// File returns a file of a talk as it was kept: a JPEG, or a voice, in Ogg Opus or in bare frames of AAC.
func (b *Bot) File(ctx context.Context, key bot.Key, number uint8) ([]byte, error) {
	value, err := b.store.File(ctx, key, number)
	if err != nil {
		return nil, fmt.Errorf("read a file: %w", err)
	}
	if value == nil {
		return nil, ErrNoFile
	}
	data, err := b.ring.OpenVersion(key.Partition, key.Hash, sealedFile, uint32(number), value)
	if err != nil {
		return nil, fmt.Errorf("read a file: %w", err)
	}
	return data, nil
}

// TakesFiles reports whether pictures that come with an update reach the counsellors.
func (b *Bot) TakesFiles() bool {
	return b.Keeps && b.Office != nil && b.Office.CanCounsel() || b.Desk.Group
}
