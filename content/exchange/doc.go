// Package exchange takes texts out to translators and brings them back.
//
// A [Bundle] is one language beside the source, one [Unit] for each text, line of a list, or form of a text that counts.
// It goes out as gettext PO, XLIFF 2.0, CSV or a workbook (.xlsx, [Encode]) and comes back ([Decode]). [Merge] puts what came back into the
// files of the language: all of it, or nothing and a line for each mistake. Every text survives the way
// there and back to the letter.
//
// From which wording of the source a text was translated stands in content/<language>/sources.yaml, as a short hash for each text. A
// text whose source has changed since is stale; so is one of which nobody knows ([Gaps]).
package exchange
