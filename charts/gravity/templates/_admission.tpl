{{/*
What the three policies (admission-*.yaml) have in common. Each of them first gathers, as
variables, what an object asks for: images as {field, image}, and replicas, cpu, memory and
storage as {field, value}. What is allowed comes from the rule, which is the ConfigMap of the
binding, and is judged here, once for all.
*/}}

{{/*
Only what changes the spec: an object that is as it was must stay one that can be labelled, and
that the operator can let go.
*/}}
{{- define "gravity.admission.changes" -}}
- name: changes-the-spec
  expression: request.operation == 'CREATE' || dyn(object).spec != dyn(oldObject).spec
{{- end }}

{{/*
A name as the container runtime understands it: without a host it is Docker Hub's, and there
without a folder it is in library/. What has an upper-case letter, a dot or a colon before the
first slash is a host (github.com/distribution/reference).
*/}}
{{- define "gravity.admission.imageVariables" -}}
- name: named
  expression: >-
    variables.images.map(i, {
      'field': i.field, 'image': i.image, 'name':
        i.image.matches('^(index[.])?docker[.]io/')
          ? 'docker.io/' + [i.image.substring(i.image.indexOf('/') + 1)].map(r, r.contains('/') ? r : 'library/' + r)[0]
        : i.image.matches('^([^/]*[.:A-Z][^/]*|localhost)/') ? i.image
        : i.image.contains('/') ? 'docker.io/' + i.image
        : 'docker.io/library/' + i.image
    })
# A registry is a host, or a path below one, and allows what is below it: one whose name only
# begins like it is another, and so is another port. What is no image's name is nobody's.
- name: strangers
  expression: >-
    variables.named.filter(i,
      !i.image.matches('^[a-zA-Z0-9][a-zA-Z0-9._-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[a-f0-9]{64})?$')
      || !params.data.allowedRegistries.split(' ').exists(r,
        i.name == r || i.name.startsWith(r + '/')
        || (r.contains('/') && (i.name.startsWith(r + ':') || i.name.startsWith(r + '@')))))
- name: movable
  expression: variables.images.filter(i, !i.image.matches('@sha256:[a-f0-9]{64}$'))
{{- end }}

{{/* What every rule may ask for. A message names each field, what it says, and what to write. */}}
{{- define "gravity.admission.validations" -}}
- expression: "!('allowedRegistries' in params.data) || variables.strangers.size() == 0"
  messageExpression: >-
    variables.strangers.map(i, i.field + ': ' + i.image + ' comes from no registry that the rule ' + params.data.rule + ' allows').join('; ')
    + ': write an image of ' + params.data.allowedRegistries.split(' ').join(' or ') + ', with its host'
- expression: "!('requireDigests' in params.data) || variables.movable.size() == 0"
  messageExpression: >-
    variables.movable.map(i, i.field + ': ' + i.image + ' has no digest, and the rule ' + params.data.rule + ' asks for one').join('; ')
    + ': write it as ' + variables.movable[0].image + '@sha256:, and the 64 digits that the registry tells'
- expression: "!('maxReplicas' in params.data) || variables.replicas.all(r, r.value <= int(params.data.maxReplicas))"
  messageExpression: >-
    variables.replicas.filter(r, r.value > int(params.data.maxReplicas)).map(r, r.field + ': ' + string(r.value) + ' is more than the rule ' + params.data.rule + ' allows').join('; ')
    + ': write at most ' + params.data.maxReplicas
{{- range list "cpu" "memory" "storage" }}
- expression: >-
    !('{{ . }}' in params.data) || variables.{{ . }}.all(r, isQuantity(r.value) && !quantity(r.value).isGreaterThan(quantity(params.data.{{ . }})))
  messageExpression: >-
    variables.{{ . }}.filter(r, !isQuantity(r.value) || quantity(r.value).isGreaterThan(quantity(params.data.{{ . }}))).map(r, r.field + ': ' + r.value + ' is more than the rule ' + params.data.rule + ' allows').join('; ')
    + ': write at most ' + params.data.{{ . }}
{{- end }}
{{- end }}

{{/* What is asked of the namespace that services and apps are applied to. */}}
{{- define "gravity.admission.namespaceValidation" -}}
- expression: >-
    !('podSecurity' in params.data) || (has(namespaceObject.metadata.labels)
    && namespaceObject.metadata.labels[?'pod-security.kubernetes.io/enforce'].orValue('')
      in (params.data.podSecurity == 'baseline' ? ['baseline', 'restricted'] : ['restricted']))
  messageExpression: >-
    'the namespace ' + namespaceObject.metadata.name + ' does not enforce Pod Security ' + params.data.podSecurity
    + ', as the rule ' + params.data.rule + ' asks: have it labelled pod-security.kubernetes.io/enforce=' + params.data.podSecurity
{{- end }}

{{/*
What the holders, as {field, of}, state of cpu and memory: of has limits and requests.
*/}}
{{- define "gravity.admission.resourceVariables" -}}
{{- range list "cpu" "memory" }}
- name: {{ . }}
  expression: >-
    variables.holders.filter(h, 'limits' in h.of && '{{ . }}' in h.of.limits)
      .map(h, {'field': h.field + '.limits.{{ . }}', 'value': string(h.of.limits.{{ . }})})
    + variables.holders.filter(h, 'requests' in h.of && '{{ . }}' in h.of.requests)
      .map(h, {'field': h.field + '.requests.{{ . }}', 'value': string(h.of.requests.{{ . }})})
{{- end }}
{{- end }}
