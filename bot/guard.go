package bot

const (
	LabelName = "key" // under which a store keeps the label that says which key it was made with
)
