# syntax=docker/dockerfile:1

FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /build
COPY . .
# The caches outlive the build, so the binary is copied out of the target directory in the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --bin shared-office \
    && install -D target/release/shared-office /out/shared-office \
    && install -d /out/attachments

# No shell and no package manager: only libc, the certificate authorities and the user `nonroot`.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /out/shared-office /usr/local/bin/shared-office
# A volume that is put here belongs to that user from its beginning.
COPY --from=build --chown=65532:65532 /out/attachments /home/nonroot/attachments
# By number, so that Kubernetes can see that it is not root.
USER 65532:65532
# Writable by that user: a SQLite file lands here unless DATABASE_URL says otherwise.
WORKDIR /home/nonroot
ENV SHARED_OFFICE_PROFILE=production \
    SHARED_OFFICE_LISTEN=0.0.0.0:8080
EXPOSE 8080
# The image has no curl: the binary asks its own /readyz.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["/usr/local/bin/shared-office", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/shared-office"]
CMD ["serve"]
