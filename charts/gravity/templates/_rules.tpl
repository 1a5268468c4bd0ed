{{/*
What the operator may do where it runs applications, and nothing more. Every rule says
why it is there; the tests compare the verbs that are used with the verbs that are granted.
*/}}
{{- define "gravity.applicationRules" -}}
# The applications. patch sets and lifts the finalizer that lets a deletion run in order;
# the operator never creates, replaces or deletes one.
- apiGroups: [gravity.dev]
  resources: [gravityapps]
  verbs: [list, watch, patch]
# What is told of an application: its conditions and the phase of each service.
- apiGroups: [gravity.dev]
  resources: [gravityapps/status]
  verbs: [patch]
{{ include "gravity.catalogRules" . }}
# What every service is made of: its identity, its configuration and its address.
# Server-side apply is a patch, and a create where the object is new; delete is for what
# the plan dropped. The list also finds a stranger's object under a planned name.
- apiGroups: [""]
  resources: [serviceaccounts, configmaps, services]
  verbs: [list, watch, create, patch, delete]
# Credentials are made once: a Secret that is there already is read (get) and kept. Those
# that an application names are watched, each by its name, so that pods wait for a key that
# is missing and roll when its value changes.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, patch, delete]
# Workloads: the services, and the servers of their databases.
- apiGroups: [apps]
  resources: [deployments, statefulsets]
  verbs: [list, watch, create, patch, delete]
# Migrations, the provisioning of databases, and services of type job and cron.
- apiGroups: [batch]
  resources: [jobs, cronjobs]
  verbs: [list, watch, create, patch, delete]
# The number of pods follows the load.
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [list, watch, create, patch, delete]
# A drained node does not take all pods of a service at once.
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [list, watch, create, patch, delete]
# Who may call whom in the service mesh that an application joins, if that is Istio,
- apiGroups: [security.istio.io]
  resources: [peerauthentications, authorizationpolicies]
  verbs: [list, watch, create, patch, delete]
# and how long and how often a call is tried there;
- apiGroups: [networking.istio.io]
  resources: [destinationrules, virtualservices]
  verbs: [list, watch, create, patch, delete]
# or who may call whom if it is Linkerd.
- apiGroups: [policy.linkerd.io]
  resources: [servers, meshtlsauthentications, authorizationpolicies]
  verbs: [list, watch, create, patch, delete]
# The walls: pods reach what their application's graph says, and nothing else.
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [list, watch, create, patch, delete]
# The way in, by whichever of the three kinds of route an application asks for: Kubernetes' own,
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [list, watch, create, patch, delete]
# Traefik's,
- apiGroups: [traefik.io]
  resources: [ingressroutes, middlewares, traefikservices, serverstransports]
  verbs: [list, watch, create, patch, delete]
# or Gateway API's.
- apiGroups: [gateway.networking.k8s.io]
  resources: [gateways, httproutes, grpcroutes]
  verbs: [list, watch, create, patch, delete]
# The certificate of an application's hosts, where it names an issuer of cert-manager.
- apiGroups: [cert-manager.io]
  resources: [certificates]
  verbs: [list, watch, create, patch, delete]
# The data. Claims are made in the size that is wanted, and patched to grow, for the
# template of a StatefulSet can never change; the operator deletes one only where an
# application says deletionPolicy: Delete, and looks at it (get) before it does.
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [get, list, watch, create, patch, delete]
# Servers that CloudNativePG runs, where an application asks for it. A server is data: it is
# deleted only where an application says deletionPolicy: Delete, and looked at (get) before.
- apiGroups: [postgresql.cnpg.io]
  resources: [clusters]
  verbs: [get, list, watch, create, patch, delete]
# The databases on them, and the poolers in front of them.
- apiGroups: [postgresql.cnpg.io]
  resources: [databases, poolers]
  verbs: [list, watch, create, patch, delete]
# What the External Secrets Operator fetches for a service from the application's secretStore.
# The store itself, and what is in it, is none of the operator's business.
- apiGroups: [external-secrets.io]
  resources: [externalsecrets]
  verbs: [list, watch, create, patch, delete]
# Read only: why a pod does not start is told in the application's conditions.
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
# The steps of a start, an upgrade and a deletion; patch counts one that repeats.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{/* What the operator may do where it only looks for services. */}}
{{- define "gravity.catalogRules" -}}
# The catalogue that versions are resolved from.
- apiGroups: [gravity.dev]
  resources: [gravityservices]
  verbs: [list, watch]
# Whether a manifest can be used, and which applications use it.
- apiGroups: [gravity.dev]
  resources: [gravityservices/status]
  verbs: [patch]
{{- end }}

{{/* What the operator may do in the whole cluster, wherever its applications are. */}}
{{- define "gravity.clusterRules" -}}
# What other projects define may be missing, and come and go: only these definitions can
# be seen, each asked for by its name.
- apiGroups: [apiextensions.k8s.io]
  resources: [customresourcedefinitions]
  resourceNames:
    - ingressroutes.traefik.io
    - middlewares.traefik.io
    - traefikservices.traefik.io
    - serverstransports.traefik.io
    - peerauthentications.security.istio.io
    - authorizationpolicies.security.istio.io
    - destinationrules.networking.istio.io
    - virtualservices.networking.istio.io
    - servers.policy.linkerd.io
    - meshtlsauthentications.policy.linkerd.io
    - authorizationpolicies.policy.linkerd.io
    - gateways.gateway.networking.k8s.io
    - httproutes.gateway.networking.k8s.io
    - grpcroutes.gateway.networking.k8s.io
    - certificates.cert-manager.io
    - clusters.postgresql.cnpg.io
    - databases.postgresql.cnpg.io
    - poolers.postgresql.cnpg.io
    - externalsecrets.external-secrets.io
  verbs: [list, watch]
{{- end }}

{{/* The same subject stands in every binding. */}}
{{- define "gravity.subjects" -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "gravity.serviceAccountName" . }}
    namespace: {{ .Release.Namespace }}
{{- end }}
