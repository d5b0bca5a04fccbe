// Package engine takes a turn from its update to the store: load the session, let package talk decide, commit the plan, and give what is
// to be delivered to the one who delivers it. [Bot.Handle] is the way of every update.
//
// It has what a decision must not have: the store and the keys, a memory of recent sessions, the books that quizzes under way began with,
// the words and codes that find a talk again, and the care that a mistake of the program ends one turn and not the program.
//
// Counsellors are no part of it. What a turn needs of them it asks of an [Office]; package desk is one.
package engine
