# A static binary and nothing else: no shell, no package manager, not root.
# The base image is named by its tag, which can move. Whoever builds for people pins it to the digest that they looked at and trust.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/patikra ./cmd/patikra \
    && mkdir -m 0700 /out/data
# The licences of what is linked into the program ask that their texts travel with it.
RUN CGO_ENABLED=0 go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}}@{{.Version}} {{.Dir}}{{end}}{{end}}' ./cmd/patikra | sort -u \
    | while read -r module dir; do \
        mkdir -p "/out/licenses/$module" \
        && find "$dir" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' -o -iname 'patents*' \) -exec cp {} "/out/licenses/$module/" \; \
        && [ -n "$(ls "/out/licenses/$module")" ] || { echo "no licence in $module" >&2; exit 1; }; \
      done \
    && mkdir -p /out/licenses/go /out/licenses/patikra && cp "$(go env GOROOT)/LICENSE" /out/licenses/go/ && cp LICENSE /out/licenses/patikra/

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/patikra /patikra
COPY --from=build /out/licenses /licenses
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV PATIKRA_LISTEN=0.0.0.0:8080 PATIKRA_DATA=/data
EXPOSE 8080
VOLUME /data
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/patikra", "doctor", "--alive"]
ENTRYPOINT ["/patikra"]
CMD ["serve"]
