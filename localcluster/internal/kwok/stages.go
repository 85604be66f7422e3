package kwok

import (
	"embed"
	"fmt"

	"sigs.k8s.io/kwok/kustomize/stage/node/fast"
	heartbeat "sigs.k8s.io/kwok/kustomize/stage/node/heartbeat-with-lease"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
	"sigs.k8s.io/kwok/pkg/config"
)

//go:embed stages/*.yaml
var podStages embed.FS

// stages returns what happens to nodes and pods, by kind. For one state of a pod at most one stage matches: kwok would
// choose among several at random.
func stages() (map[internalversion.StageResourceRef][]*internalversion.Stage, error) {
	sources := []string{fast.DefaultNodeInit, heartbeat.DefaultNodeHeartbeatWithLease}
	entries, err := podStages.ReadDir("stages")
	if err != nil {
		return nil, fmt.Errorf("read the stages of pods: %w", err)
	}
	for _, entry := range entries {
		source, err := podStages.ReadFile("stages/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read the stages of pods: %w", err)
		}
		sources = append(sources, string(source))
	}
	byKind := map[internalversion.StageResourceRef][]*internalversion.Stage{}
	for _, source := range sources {
		stage, err := config.UnmarshalWithType[*internalversion.Stage](source)
		if err != nil {
			return nil, fmt.Errorf("parse a stage: %w", err)
		}
		byKind[stage.Spec.ResourceRef] = append(byKind[stage.Spec.ResourceRef], stage)
	}
	return byKind, nil
}
