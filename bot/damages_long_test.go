//go:build long

package bot_test

// randomDamages are the damages that are made to the files.
const randomDamages = 2000
