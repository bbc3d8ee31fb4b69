package simulate

// The dimensions of the newer reports, in alphabetical order as in their bodies.
const (
	dimActor = iota
	dimActorType
	dimAgent
	dimAPIKey
	dimTagCategory
	dimTagUser
	dimContextWindow
	dimDeployment
	dimEnvironment
	dimGeo
	dimModel
	dimOrganization
	dimProduct
	dimRBACGroup
	dimTier
	dimSession
	dimSlackChannel
	dimSpeed
	dimUserProfile
	dimWorkspace
	dimensions
)

// dimensionNames are the values of group_by[], by dimension.
var dimensionNames = [dimensions]string{
	"actor", "actor_type", "agent_id", "api_key_id", "claude_tag_category", "claude_tag_user_id",
	"context_window", "deployment_id", "environment_id", "inference_geo", "model", "organization_id",
	"product", "rbac_group_id", "service_tier", "session_id", "slack_channel_id", "speed",
	"user_profile_id", "workspace_id",
}

// labels are a stream's values, empty for null.
type labels [dimensions]string

func (s Stream) labels() labels {
	var l labels
	if a := s.actor(); a != nil {
		l[dimActor], l[dimActorType] = a.Type+" "+a.ID, a.Type
	}
	l[dimAgent], l[dimAPIKey], l[dimContextWindow] = s.AgentID, s.APIKey, s.ContextWindow
	l[dimGeo], l[dimModel], l[dimProduct] = s.InferenceGeo, s.Model, s.Product
	l[dimTier], l[dimSession], l[dimSpeed] = s.ServiceTier, s.SessionID, s.Speed
	l[dimUserProfile], l[dimWorkspace] = s.UserProfileID, s.Workspace
	return l
}

func (s Stream) actor() *Actor {
	if s.Actor != nil || s.APIKey == "" {
		return s.Actor
	}
	return &Actor{Type: "api_actor", ID: s.APIKey}
}

// isCodeExecution reports whether the stream has no tokens, only spans.
func (s *Stream) isCodeExecution() bool { return s.Model == "" && s.Product == "" }

// only keeps the dimensions in mask and makes the rest null.
func (l labels) only(mask [dimensions]bool) labels {
	for i := range l {
		if !mask[i] {
			l[i] = ""
		}
	}
	return l
}

// less is any fixed order, for rows that are equal otherwise.
func (l labels) less(m labels) bool {
	for i := range l {
		if l[i] != m[i] {
			return l[i] < m[i]
		}
	}
	return false
}
