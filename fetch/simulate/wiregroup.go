package simulate

// wireGroup has every dimension in every row; those not grouped by are null.
type wireGroup struct {
	Actor         any     `json:"actor"`
	ActorType     *string `json:"actor_type"`
	Agent         *string `json:"agent_id"`
	APIKey        *string `json:"api_key_id"`
	TagCategory   *string `json:"claude_tag_category"`
	TagUser       *string `json:"claude_tag_user_id"`
	ContextWindow *string `json:"context_window"`
	Deployment    *string `json:"deployment_id"`
	Environment   *string `json:"environment_id"`
	Geo           *string `json:"inference_geo"`
	Model         *string `json:"model"`
	Organization  *string `json:"organization_id"`
	Product       *string `json:"product"`
	RBACGroup     *string `json:"rbac_group_id"`
	Tier          *string `json:"service_tier"`
	Session       *string `json:"session_id"`
	SlackChannel  *string `json:"slack_channel_id"`
	Speed         *string `json:"speed"`
	UserProfile   *string `json:"user_profile_id"`
	Workspace     *string `json:"workspace_id"`
}

func (s *Server) wireGroups(keys []labels) []*wireGroup {
	out := make([]*wireGroup, len(keys))
	for i, l := range keys {
		out[i] = &wireGroup{
			Actor: wireActor(s.actors[l[dimActor]]), ActorType: orNull(l[dimActorType]), Agent: orNull(l[dimAgent]),
			APIKey: orNull(l[dimAPIKey]), TagCategory: orNull(l[dimTagCategory]), TagUser: orNull(l[dimTagUser]),
			ContextWindow: orNull(l[dimContextWindow]), Deployment: orNull(l[dimDeployment]),
			Environment: orNull(l[dimEnvironment]), Geo: orNull(l[dimGeo]), Model: orNull(l[dimModel]),
			Organization: orNull(l[dimOrganization]), Product: orNull(l[dimProduct]), RBACGroup: orNull(l[dimRBACGroup]),
			Tier: orNull(l[dimTier]), Session: orNull(l[dimSession]), SlackChannel: orNull(l[dimSlackChannel]),
			Speed: orNull(l[dimSpeed]), UserProfile: orNull(l[dimUserProfile]), Workspace: orNull(l[dimWorkspace]),
		}
	}
	return out
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// wireActor is null, or an object that differs by kind of actor.
func wireActor(a *Actor) any {
	if a == nil {
		return nil
	}
	switch a.Type {
	case "user_actor":
		return map[string]any{"type": a.Type, "user_id": a.ID, "name": a.Name, "email_address": a.Email, "deleted": a.Deleted}
	case "service_account_actor":
		return map[string]any{"type": a.Type, "service_account_id": a.ID}
	case "federated_actor":
		provider := map[string]any{"type": "oidc", "issuer": "https://idp.example.com"}
		return map[string]any{"type": a.Type, "subject": a.ID, "provider": provider}
	}
	return map[string]any{"type": a.Type, "api_key_id": a.ID}
}
