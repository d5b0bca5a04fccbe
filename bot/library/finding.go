package library

import (
	"strings"
)

// closingTexts are those texts of desk.yaml, and closingPageTexts of console.yaml, that are about what a talk came to and what stands beside it.
var (
	closingTexts = strings.Fields(`note-filled note-unfilled card-filled card-outcome card-referred outcome-exploitation outcome-fraud outcome-labour outcome-no-sign
		outcome-unclear outcome-test referred-nobody referred-other
		barred card-barred note-barred note-unbarred refused-danger refused-barred`)
	closingPageTexts = strings.Fields(`protocols protocol-fits protocol-done danger-number danger-nowhere tick untick fill fill-hint unfill act-fill act-unfill
		close-outcome close-done close-list close-missing places places-hint places-find phone phone-text phone-level phone-signs phone-done risk-low risk-unknown risk-concern risk-high risk-emergency act-phone act-outcome act-referred
		any audit-day audit-file withdraw end-sessions end-sessions-ask me-text me-end me-ended shift shift-none shift-write shift-hint shift-keep shift-clear shift-moved act-withdraw act-end-sessions act-shift-note act-deeds-file
		bar bar-hint bar-ask unbar closed closed-word closed-level closed-unsaid closed-none closed-more act-bar act-unbar`)
)
