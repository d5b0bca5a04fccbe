// Package library holds the staff's files together: quizzes, texts, rules and places, each read by its own package, and here held
// against each other. [Open] takes them whole or refuses them with every mistake named; what could be better is a warning.
//
// A [Library] is never changed once it is open. What a language does not say yet, it does not show: a change may go out in one language first.
// The names of the texts that the program itself needs stand here, beside what checks that they are there.
package library
