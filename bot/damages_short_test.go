//go:build !long

package bot_test

// randomDamages are the damages that are made to the files; with -tags long there are many.
const randomDamages = 60
