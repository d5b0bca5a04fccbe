//go:build long

package story_test

// randomSheets are the random answers to each quiz whose result is read.
const randomSheets = 500
