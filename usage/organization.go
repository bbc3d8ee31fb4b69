package usage

// Organization is an organization of the Claude Platform and the names of what
// is in it. Ids are identity, names are labels and may change.
type Organization struct {
	ID         string // the API's UUID
	Name       string // the name in rules.yaml, else the API's
	Workspaces []Workspace
	Keys       []Key
}

// Workspace is a workspace's name. Archived ones stay, older usage carries their ids.
type Workspace struct {
	ID       string
	Name     string
	Default  bool // the default workspace, which cannot have limits of its own
	Archived bool
}

// Key is an API key's name: never its secret.
type Key struct {
	ID          string
	Name        string
	WorkspaceID string // empty: the whole organization
}
