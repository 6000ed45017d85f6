//! Figures in Prometheus' text form, by route template: never by address, which would hold ids.

use std::time::Duration;

use actix_web::http::Method;
use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder};

use crate::error::{ApiError, ApiResult};
use crate::jobs::JOBS;
use crate::jobs::figures::Figures;

pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    /// What the background jobs did, by job.
    pub jobs: IntCounterVec,
    /// How their runs went.
    pub job_figures: Figures,
    /// How long the printing of forms took (seconds), by form.
    pub forms: HistogramVec,
}

impl Metrics {
    /// # Errors
    /// When two figures have one name.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new("shared_office_requests_total", "Requests by method, route and status."),
            &["method", "route", "status"],
        )?;
        let seconds = HistogramVec::new(
            HistogramOpts::new("shared_office_request_seconds", "Duration of requests by route.")
                .buckets(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]),
            &["method", "route"],
        )?;
        let jobs = IntCounterVec::new(
            Opts::new("shared_office_job_effects_total", "Records changed by background jobs, by job."),
            &["job"],
        )?;
        let forms = HistogramVec::new(
            HistogramOpts::new("shared_office_form_seconds", "Time to print a form, by form.")
                .buckets(vec![0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0]),
            &["form"],
        )?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        registry.register(Box::new(jobs.clone()))?;
        registry.register(Box::new(forms.clone()))?;
        for job in JOBS {
            jobs.with_label_values(&[job.name]);
        }
        let job_figures = Figures::new(&registry)?;
        Ok(Self { registry, requests, seconds, jobs, job_figures, forms })
    }

    pub fn count(&self, method: &Method, route: &str, status: u16, elapsed: Duration) {
        // Methods are an open set, and every new one would be a new series.
        let method = match *method {
            Method::GET => "GET",
            Method::POST => "POST",
            Method::PATCH => "PATCH",
            Method::DELETE => "DELETE",
            Method::OPTIONS => "OPTIONS",
            _ => "other",
        };
        self.requests.with_label_values(&[method, route, status.to_string().as_str()]).inc();
        self.seconds.with_label_values(&[method, route]).observe(elapsed.as_secs_f64());
    }

    /// # Errors
    /// When a figure cannot be written, which is a fault of the service.
    pub fn text(&self) -> ApiResult<String> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text).map_err(ApiError::internal)?;
        String::from_utf8(text).map_err(ApiError::internal)
    }
}
