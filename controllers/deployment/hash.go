package deployment

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/utils/dump"
)

// templateHash tells templates apart. It returns what kube-controller-manager does, or taking over from it would create a second
// ReplicaSet for each template. collisions is how many hashes of the Deployment met a foreign ReplicaSet; no collisions and an
// unknown number of them give different hashes.
func templateHash(template *corev1.PodTemplateSpec, collisions *int32) string {
	hash := fnv.New32a() // its Write never fails
	_, _ = io.WriteString(hash, dump.ForHash(*template))
	if collisions != nil {
		var count [8]byte
		binary.LittleEndian.PutUint32(count[:], uint32(*collisions)) //nolint:gosec // what counts is the bits, not the number
		_, _ = hash.Write(count[:])
	}
	return rand.SafeEncodeString(strconv.FormatUint(uint64(hash.Sum32()), 10))
}
