package isolation

import (
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

// ReadQuestion reads what stands beside the releases, what they may share and what must work; the deliveries come from elsewhere.
func ReadQuestion(path string) (Question, error) {
	var q Question
	raw, err := os.ReadFile(path)
	if err == nil {
		err = yaml.UnmarshalStrict(raw, &q)
	}
	if err != nil {
		return q, fmt.Errorf("isolation: %s: %w", path, err)
	}
	for _, o := range q.Outside {
		if o.Name == "" || o.Port == 0 || (o.IP == "") == (o.Namespace == "") {
			return q, fmt.Errorf("isolation: %s: outside %q needs a name, a port, and an ip or a namespace", path, o.Name)
		}
	}
	return q, nil
}
