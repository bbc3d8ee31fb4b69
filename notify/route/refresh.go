package route

import "alerter/evaluate"

// Refresh gives the groups' members the newest reading of their alerts, so that
// a reminder says how things are and not how they were. It changes the groups'
// members, which must be the caller's own.
func Refresh(groups []Group, alerts []evaluate.Alert) {
	if len(groups) == 0 {
		return
	}
	byPrint := make(map[evaluate.Fingerprint]*evaluate.Alert, len(alerts))
	for i := range alerts {
		byPrint[alerts[i].Fingerprint] = &alerts[i]
	}
	for g := range groups {
		for m := range groups[g].Members {
			member := &groups[g].Members[m]
			if now := byPrint[member.Alert.Fingerprint]; now != nil && now.FiredAt.Equal(member.Alert.FiredAt) {
				member.Alert.Reading, member.Alert.Peak = now.Reading, now.Peak
				member.Alert.Levels, member.Alert.RepeatInterval = now.Levels, now.RepeatInterval
			}
		}
	}
}
