module gravity.local/tools/crds

go 1.26.0

require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/cloudnative-pg/cloudnative-pg v1.28.2
	github.com/external-secrets/external-secrets v1.3.2
	github.com/prometheus-operator/prometheus-operator v0.94.0
	github.com/traefik/traefik/v3 v3.6.12
	istio.io/api v1.31.4
	sigs.k8s.io/gateway-api v1.6.3
)
