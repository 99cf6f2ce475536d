// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/testing/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>

namespace tenon::protocol_mqtt {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("test certificate: ") + what);
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  must(key != nullptr, "key");
  return key;
}

Certificate make_certificate(EVP_PKEY* key, const std::string& common_name, long serial) {
  Certificate certificate(X509_new(), &X509_free);
  must(certificate != nullptr, "certificate");
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86'400);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const auto add = [subject](const char* field, const std::string& value) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(value.c_str());
    must(X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, bytes, -1, -1, 0) == 1, "name");
  };
  add("O", "Tenon tests");
  if (!common_name.empty()) add("CN", common_name);
  return certificate;
}

void extend(X509* certificate, int kind, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "extension");
  X509_EXTENSION_free(extension);
}

File create(const std::string& path) {
  File file(std::fopen(path.c_str(), "w"), &std::fclose);
  must(file != nullptr, "file");
  return file;
}

}  // namespace

struct TestAuthority::Keys {
  Key key = make_key();
  Certificate certificate{nullptr, &X509_free};
  long last_serial = 1;
};

TestAuthority::TestAuthority(std::filesystem::path directory, const std::string& name)
    : directory_(std::move(directory)), keys_(std::make_unique<Keys>()) {
  keys_->certificate = make_certificate(keys_->key.get(), name, 1);
  X509* certificate = keys_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
  must(X509_sign(certificate, keys_->key.get(), EVP_sha256()) != 0, "signature");
  files_.certificate = directory_ / (name + ".pem");
  PEM_write_X509(create(files_.certificate).get(), certificate);
}

TestAuthority::~TestAuthority() = default;

CertificateFiles TestAuthority::sign(const std::string& file_name, const std::string& common_name) {
  const Key key = make_key();
  const Certificate certificate = make_certificate(key.get(), common_name, ++keys_->last_serial);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(keys_->certificate.get()));
  extend(certificate.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  must(X509_sign(certificate.get(), keys_->key.get(), EVP_sha256()) != 0, "signature");
  CertificateFiles files{directory_ / (file_name + ".pem"), directory_ / (file_name + ".key")};
  PEM_write_X509(create(files.certificate).get(), certificate.get());
  PEM_write_PrivateKey(create(files.key).get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return files;
}

}  // namespace tenon::protocol_mqtt
