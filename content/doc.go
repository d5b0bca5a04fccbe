// Package content holds what is said, in which language, and every place and phone number.
//
// Staff edit the files: one folder for each language, places.yaml, municipalities.yaml for whom specialists turn to, desk.yaml for the counsellors, campaigns.yaml for links that count. Lithuanian is the
// source: every other language has the same texts with the same placeholders. [Load] reads them into
// a [Catalog] or names every mistake at once. A Catalog never changes afterwards.
package content

import "embed"

// Files are the built-in texts and places.
//
//go:embed places.yaml municipalities.yaml site.yaml desk.yaml campaigns.yaml lt lt-easy en ru uk pl
var Files embed.FS

// Guide tells staff how to change the files.
//
//go:embed README.md
var Guide embed.FS
