# A static binary and nothing else: no shell, no package manager, not root.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/patikra ./cmd/patikra \
    && mkdir -m 0700 /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/patikra /patikra
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV PATIKRA_LISTEN=0.0.0.0:8080 PATIKRA_DATA=/data
EXPOSE 8080
VOLUME /data
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/patikra", "doctor", "--alive"]
ENTRYPOINT ["/patikra"]
CMD ["serve"]
