// Package flows holds what is asked, where an answer leads, what it raises and how that is weighed.
//
// Staff edit the files: quizzes/*.yaml, flags.yaml, risk.yaml, stories/*.txt, and training/*.yaml with references.yaml. [Load] reads
// them into a [Book] or names every mistake at once. A Book never changes afterwards and is safe for
// use by many goroutines. The transitions of a quiz are decided by looplab/fsm.
package flows

import "embed"

// Files are the quizzes that came with the program.
//
//go:embed quizzes stories answers training flags.yaml risk.yaml references.yaml
var Files embed.FS

// Guide tells staff how to change the files.
//
//go:embed README.md map.svg
var Guide embed.FS
