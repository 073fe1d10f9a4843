package render

import (
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

// Helm3 renders as Helm 3.
func Helm3(r Request) (map[string]string, error) {
	c, err := load3(r.Chart)
	if err != nil {
		return nil, err
	}
	options := chartutil.ReleaseOptions{Name: c.Name(), Namespace: r.Namespace, Revision: 1, IsInstall: !r.Upgrade, IsUpgrade: r.Upgrade}
	caps := chartutil.DefaultCapabilities.Copy()
	caps.KubeVersion = chartutil.KubeVersion{Version: "v1.33.0", Major: "1", Minor: "33"}
	values, err := chartutil.ToRenderValuesWithSchemaValidation(c, Merge(r.Values...), options, caps, r.SkipSchema)
	if err != nil {
		return nil, err
	}
	return engine.Render(c, values)
}

func load3(folder string) (*chart.Chart, error) {
	c, err := loader.LoadDir(folder)
	if err != nil {
		return nil, err
	}
	c.SetDependencies()
	beside, err := dependencies(folder)
	if err != nil {
		return nil, err
	}
	for _, d := range beside {
		lib, err := loader.LoadDir(d)
		if err != nil {
			return nil, err
		}
		c.AddDependency(lib)
	}
	return c, nil
}
