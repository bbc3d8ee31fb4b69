package usage

// idTail is how many letters of an id tell two groups of one name apart.
const idTail = 6

// GroupLabels is what each group is called in labels, by id: its name; its type
// where it has none; its id where it has neither. Of groups that would be called
// the same, each gets the end of its id behind it, in parentheses.
func GroupLabels(groups map[string]Group) map[string]string {
	plain := make(map[string]int, len(groups))
	tailed := make(map[string]int)
	for id, g := range groups {
		plain[groupName(id, g)]++
		tailed[groupName(id, g)+tail(id)]++
	}
	labels := make(map[string]string, len(groups))
	for id, g := range groups {
		name := groupName(id, g)
		switch {
		case plain[name] == 1:
			labels[id] = name
		case tailed[name+tail(id)] == 1:
			labels[id] = name + inParentheses(tail(id))
		default:
			labels[id] = name + inParentheses(id)
		}
	}
	return labels
}

// groupName is what a group is called when no other is called the same.
func groupName(id string, g Group) string {
	switch {
	case g.Name != "":
		return g.Name
	case g.Type != "":
		return g.Type
	}
	return id
}

// tail is the end of an id.
func tail(id string) string { return id[max(0, len(id)-idTail):] }

// inParentheses is s as it follows other words; nothing if there is none.
func inParentheses(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// DefaultWorkspaceID is the id of the default workspace, which the older report
// calls null; empty where it is not known.
func (o Organization) DefaultWorkspaceID() string {
	for _, ws := range o.Workspaces {
		if ws.Default {
			return ws.ID
		}
	}
	return ""
}

// WorkspaceName is what a workspace is called now; its id where it is not known
// or has no name. The empty id, the whole organization, is called "".
func (o Organization) WorkspaceName(id string) string {
	for _, w := range o.Workspaces {
		if w.ID == id && w.Name != "" {
			return w.Name
		}
	}
	return id
}

// KeyName is what an API key is called now; its id where it is not known or has
// no name.
func (o Organization) KeyName(id string) string {
	for _, k := range o.Keys {
		if k.ID == id && k.Name != "" {
			return k.Name
		}
	}
	return id
}

// names knows what the parts of an organization's series are called.
type names struct {
	organization string
	workspaces   map[string]string // by id
	groups       map[string]string // by id
}

// newNames collects the names of an organization and of groups.
func newNames(org Organization, groups map[string]string) names {
	n := names{organization: org.Name, workspaces: make(map[string]string, len(org.Workspaces)), groups: groups}
	for _, w := range org.Workspaces {
		n.workspaces[w.ID] = w.Name
	}
	return n
}

// labels is the names of one series' parts.
func (n names) labels(id ID) Labels {
	l := Labels{
		Organization: n.organization, Workspace: id.WorkspaceID,
		ModelGroup: n.groups[id.GroupID], Limiter: string(id.Limiter),
	}
	if name := n.workspaces[id.WorkspaceID]; name != "" {
		l.Workspace = name
	}
	return l
}
