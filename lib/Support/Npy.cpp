//===- Npy.cpp - Tensors in .npy files -------------------------*- C++ -*-===//
//
// Part of the FPW project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A file is the magic string, a version, the length of the header, the header and the data. The
// header is a Python literal: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.
//
//===----------------------------------------------------------------------===//

#include "fpw/Support/Npy.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace fpw;
using llvm::createStringError;

static constexpr StringLiteral kMagic = "\x93NUMPY";
static constexpr size_t kMaxRank = 64; // numpy's limit

//===----------------------------------------------------------------------===//
// The header
//===----------------------------------------------------------------------===//

namespace {
/// What the header says.
struct Header {
  std::string descr;
  bool fortranOrder = false;
  SmallVector<int64_t> shape;
};

/// Parses the Python literal. Each function consumes what it names, or returns false.
class HeaderParser {
public:
  explicit HeaderParser(StringRef text) : rest(text) {}

  Expected<Header> parse() {
    if (!parseDictionary())
      return createStringError("expected a .npy header with 'descr', 'fortran_order' and 'shape', "
                               "each once");
    return std::move(header);
  }

private:
  bool parseDictionary() {
    if (!consume("{"))
      return false;
    while (!consume("}"))
      if (!parseEntry() || !(consume(",") || peek('}')))
        return false;
    return rest.trim(" \n").empty() && seen == kAll;
  }

  bool parseEntry() {
    std::string key;
    if (!parseString(key) || !consume(":"))
      return false;
    if (key == "descr")
      return once(kDescr) && parseString(header.descr);
    if (key == "fortran_order")
      return once(kFortranOrder) && parseBool(header.fortranOrder);
    return key == "shape" && once(kShape) && parseShape();
  }

  bool parseString(std::string &value) {
    StringRef quote = consume("'") ? "'" : consume("\"") ? "\"" : "";
    size_t end = quote.empty() ? StringRef::npos : rest.find(quote);
    if (end == StringRef::npos)
      return false;
    value = rest.take_front(end).str();
    rest = rest.drop_front(end + 1);
    return true;
  }

  bool parseBool(bool &value) {
    value = consume("True");
    return value || consume("False");
  }

  /// A tuple of sizes: (), (2,) or (2, 3). One size alone needs its comma.
  bool parseShape() {
    if (!consume("("))
      return false;
    bool comma = true;
    while (!consume(")")) {
      int64_t size;
      rest = rest.ltrim(' ');
      if (!comma || rest.empty() || !llvm::isDigit(rest.front()) || rest.consumeInteger(10, size) ||
          header.shape.size() == kMaxRank)
        return false;
      header.shape.push_back(size);
      comma = consume(",");
    }
    return header.shape.size() != 1 || comma;
  }

  bool consume(StringRef token) {
    rest = rest.ltrim(' ');
    return rest.consume_front(token);
  }
  bool peek(char token) { return rest.ltrim(' ').starts_with(token); }

  bool once(unsigned key) {
    bool first = !(seen & key);
    seen |= key;
    return first;
  }

  enum : unsigned { kDescr = 1, kFortranOrder = 2, kShape = 4, kAll = 7 };
  StringRef rest;
  Header header;
  unsigned seen = 0;
};
} // namespace

/// Takes the length of the header and the header itself off the bytes that follow the magic string.
static Expected<Header> takeHeader(StringRef &bytes) {
  if (bytes.size() < 2)
    return createStringError("expected a .npy version but the file ends");
  unsigned major = static_cast<uint8_t>(bytes[0]);
  if (major < 1 || major > 3 || bytes[1] != 0)
    return createStringError("expected .npy version 1.0, 2.0 or 3.0 but got %u.%u", major,
                             unsigned(static_cast<uint8_t>(bytes[1])));
  bytes = bytes.drop_front(2);
  size_t width = major == 1 ? 2 : 4;
  if (bytes.size() < width)
    return createStringError("expected the length of the .npy header but the file ends");
  size_t length = major == 1 ? llvm::support::endian::read16le(bytes.data())
                             : llvm::support::endian::read32le(bytes.data());
  bytes = bytes.drop_front(width);
  if (bytes.size() < length)
    return createStringError("expected a .npy header of %zu bytes but got %zu", length,
                             bytes.size());
  StringRef text = bytes.take_front(length);
  bytes = bytes.drop_front(length);
  return HeaderParser(text).parse();
}

//===----------------------------------------------------------------------===//
// The elements
//===----------------------------------------------------------------------===//

namespace {
/// Reads the element at an address.
using ElementReader = float (*)(const char *);

/// How elements are stored.
struct ElementType {
  char order = 0, kind = 0;
  size_t size = 0;
  ElementReader read = nullptr;

  bool isFloat() const { return kind == 'f'; }
};

struct Half {
  uint16_t bits;
};
} // namespace

static float toFloat(Half half) {
  uint32_t magnitude = uint32_t(half.bits & 0x7fff) << 13;
  uint32_t sign = uint32_t(half.bits & 0x8000) << 16;
  if (magnitude >= 0x0f800000) // infinity and NaN
    return llvm::bit_cast<float>(sign | 0x7f800000 | magnitude);
  // The exponent's bias differs by 112; the product is exact, also for denormal numbers.
  float value = llvm::bit_cast<float>(magnitude) * 0x1p112f;
  return llvm::bit_cast<float>(sign | llvm::bit_cast<uint32_t>(value));
}
template <typename T> static float toFloat(T value) { return static_cast<float>(value); }

template <typename T, llvm::endianness order> static float readElement(const char *address) {
  using Bits =
      std::conditional_t<sizeof(T) == 8, uint64_t,
                         std::conditional_t<sizeof(T) == 4, uint32_t,
                                            std::conditional_t<sizeof(T) == 2, uint16_t, uint8_t>>>;
  return toFloat(llvm::bit_cast<T>(llvm::support::endian::read<Bits, order>(address)));
}

static float readBool(const char *address) { return *address ? 1.0f : 0.0f; }

/// The reader of one element of a kind ('f', 'i' or 'u') and size.
template <llvm::endianness order> static ElementReader getReader(char kind, size_t size) {
  switch (kind) {
  case 'f':
    return size == 2   ? readElement<Half, order>
           : size == 4 ? readElement<float, order>
           : size == 8 ? readElement<double, order>
                       : nullptr;
  case 'i':
    return size == 1   ? readElement<int8_t, order>
           : size == 2 ? readElement<int16_t, order>
           : size == 4 ? readElement<int32_t, order>
           : size == 8 ? readElement<int64_t, order>
                       : nullptr;
  case 'u':
    return size == 1   ? readElement<uint8_t, order>
           : size == 2 ? readElement<uint16_t, order>
           : size == 4 ? readElement<uint32_t, order>
           : size == 8 ? readElement<uint64_t, order>
                       : nullptr;
  }
  return nullptr;
}

/// Text of a file, fit for a terminal.
static std::string escape(StringRef text) {
  std::string escaped;
  llvm::raw_string_ostream os(escaped);
  llvm::printEscapedString(text, os);
  return escaped;
}

/// Understands numpy's short name of a type, such as '<f4': byte order, kind, bytes.
static Expected<ElementType> parseElementType(StringRef descr) {
  ElementType type;
  if (descr.size() > 2 && !descr.drop_front(2).getAsInteger(10, type.size)) {
    char order = type.order = descr[0], kind = type.kind = descr[1];
    if (kind == 'b' && type.size == 1)
      type.read = readBool;
    else if (order == '<' || (order == '|' && type.size == 1))
      type.read = getReader<llvm::endianness::little>(kind, type.size);
    else if (order == '>')
      type.read = getReader<llvm::endianness::big>(kind, type.size);
  }
  if (!type.read)
    return createStringError("expected elements of type b1, i1 to i8, u1 to u8 or f2 to f8 but "
                             "got '%s'",
                             escape(descr).c_str());
  return type;
}

/// The number of elements, provided that so many bytes of data are there. The other sizes of an
/// empty tensor may be anything whose product is a number, too: callers multiply them.
static Expected<size_t> countElements(ArrayRef<int64_t> shape, size_t elementSize,
                                      size_t available) {
  int64_t bytes = elementSize;
  for (int64_t size : shape)
    if (llvm::MulOverflow(bytes, std::max<int64_t>(size, 1), bytes))
      return createStringError("expected a .npy shape that fits the memory");
  if (llvm::is_contained(shape, 0))
    bytes = 0;
  if (uint64_t(bytes) != available)
    return createStringError("expected %llu bytes of .npy data but got %zu",
                             static_cast<unsigned long long>(bytes), available);
  return bytes / elementSize;
}

/// An integer as it is stored; nothing where int64_t lacks it.
static std::optional<int64_t> readInteger(const char *address, ElementType type) {
  uint64_t bits = 0;
  for (size_t i = 0; i < type.size; ++i)
    bits |= uint64_t(uint8_t(address[type.order == '>' ? type.size - 1 - i : i])) << 8 * i;
  if (type.kind == 'b')
    return bits != 0;
  if (type.kind == 'i')
    return llvm::SignExtend64(bits, 8 * type.size);
  return int64_t(bits) < 0 ? std::nullopt : std::optional(int64_t(bits));
}

/// Whether a number became infinite.
static bool overflows(const char *address, ElementType type, float value) {
  constexpr unsigned kExponentOfInfinity = 0x7f;
  bool isInfinite = llvm::bit_cast<uint32_t>(value) << 1 == 0xff000000;
  if (!isInfinite || !type.isFloat() || type.size != 8)
    return false;
  unsigned top = uint8_t(address[type.order == '>' ? 0 : type.size - 1]) & kExponentOfInfinity;
  unsigned next = uint8_t(address[type.order == '>' ? 1 : type.size - 2]) >> 4;
  return top != kExponentOfInfinity || next != 0xf;
}

/// Calls `visit` with the row-major index and the address of each element. In Fortran order the
/// first index runs fastest.
static void visitElements(const Header &header, size_t elementSize, StringRef bytes,
                          function_ref<void(size_t, const char *)> visit) {
  size_t count = bytes.size() / elementSize;
  const char *address = bytes.data();
  if (!header.fortranOrder) {
    for (size_t i = 0; i < count; ++i, address += elementSize)
      visit(i, address);
    return;
  }
  SmallVector<int64_t> index(header.shape.size(), 0), stride(header.shape.size(), 1);
  for (size_t d = index.size(); d-- > 1;)
    stride[d - 1] = stride[d] * header.shape[d];
  size_t target = 0;
  for (size_t i = 0; i < count; ++i, address += elementSize) {
    visit(target, address);
    for (size_t d = 0; d < index.size(); ++d) {
      target += stride[d];
      if (++index[d] < header.shape[d])
        break;
      target -= stride[d] * index[d];
      index[d] = 0;
    }
  }
}

namespace {
/// A file up to its elements, which are checked.
struct Array {
  Header header;
  ElementType type;
  StringRef bytes;
  size_t count;
};
} // namespace

static Expected<Array> parseArray(StringRef bytes) {
  if (!bytes.consume_front(kMagic))
    return createStringError("expected a .npy file but got something else");
  Expected<Header> header = takeHeader(bytes);
  if (!header)
    return header.takeError();
  Expected<ElementType> type = parseElementType(header->descr);
  if (!type)
    return type.takeError();
  Expected<size_t> count = countElements(header->shape, type->size, bytes.size());
  if (!count)
    return count.takeError();
  return Array{std::move(*header), *type, bytes, *count};
}

//===----------------------------------------------------------------------===//
// Types of networks
//===----------------------------------------------------------------------===//

size_t fpw::getElementSize(fpw_type type) { return type == FPW_BOOL ? 1 : type == FPW_I64 ? 8 : 4; }

StringRef fpw::getTypeName(fpw_type type) {
  switch (type) {
  case FPW_F32:
    return "float32";
  case FPW_I32:
    return "int32";
  case FPW_I64:
    return "int64";
  case FPW_BOOL:
    return "bool";
  }
  llvm_unreachable("unknown type");
}

static StringRef getDescr(fpw_type type) {
  switch (type) {
  case FPW_F32:
    return "f4";
  case FPW_I32:
    return "i4";
  case FPW_I64:
    return "i8";
  case FPW_BOOL:
    return "b1";
  }
  llvm_unreachable("unknown type");
}

/// Writes an integer; false if the type lacks it.
static bool storeInteger(std::optional<int64_t> value, fpw_type type, char *address) {
  if (!value || (type == FPW_BOOL && (*value < 0 || *value > 1)) ||
      (type == FPW_I32 && !llvm::isInt<32>(*value)))
    return false;
  int32_t word = int32_t(*value);
  int8_t byte = int8_t(*value);
  const void *source = type == FPW_I64   ? static_cast<const void *>(&*value)
                       : type == FPW_I32 ? static_cast<const void *>(&word)
                                         : static_cast<const void *>(&byte);
  std::memcpy(address, source, getElementSize(type));
  return true;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

Expected<FloatTensor> fpw::parseNpy(StringRef bytes) {
  Expected<Array> array = parseArray(bytes);
  if (!array)
    return array.takeError();
  FloatTensor tensor;
  tensor.data.resize(array->count);
  visitElements(array->header, array->type.size, array->bytes,
                [&](size_t i, const char *address) { tensor.data[i] = array->type.read(address); });
  tensor.shape = std::move(array->header.shape);
  return tensor;
}

Expected<TypedTensor> fpw::parseNpy(StringRef bytes, fpw_type type) {
  Expected<Array> array = parseArray(bytes);
  if (!array)
    return array.takeError();
  if (type != FPW_F32 && array->type.isFloat())
    return createStringError("expected elements of type " + getTypeName(type) + " but got '" +
                             escape(array->header.descr) + "'");
  TypedTensor tensor;
  tensor.type = type;
  size_t size = getElementSize(type);
  tensor.bytes.resize(array->count * size);
  bool fits = true;
  visitElements(array->header, array->type.size, array->bytes, [&](size_t i, const char *address) {
    char *target = tensor.bytes.data() + i * size;
    if (type != FPW_F32) {
      fits &= storeInteger(readInteger(address, array->type), type, target);
      return;
    }
    float value = array->type.read(address);
    fits &= !overflows(address, array->type, value);
    std::memcpy(target, &value, size);
  });
  if (!fits)
    return createStringError("expected elements that " + getTypeName(type) +
                             " can hold but got larger ones");
  tensor.shape = std::move(array->header.shape);
  return tensor;
}

/// Reads a file and hands its bytes on.
template <typename Tensor, typename Parse>
static Expected<Tensor> readFile(StringRef path, Parse parse) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(path, /*IsText=*/false,
                                                   /*RequiresNullTerminator=*/false);
  if (std::error_code error = buffer.getError())
    return llvm::createFileError(path, error);
  Expected<Tensor> tensor = parse((*buffer)->getBuffer());
  if (!tensor)
    return llvm::createFileError(path, tensor.takeError());
  return tensor;
}

Expected<FloatTensor> fpw::readNpy(StringRef path) {
  return readFile<FloatTensor>(path, [](StringRef bytes) { return parseNpy(bytes); });
}

Expected<TypedTensor> fpw::readNpy(StringRef path, fpw_type type) {
  return readFile<TypedTensor>(path, [&](StringRef bytes) { return parseNpy(bytes, type); });
}

/// The file up to the data, padded so that the data begins at a multiple of 64 bytes.
static std::string makePrologue(ArrayRef<int64_t> shape, fpw_type type) {
  std::string header;
  llvm::raw_string_ostream os(header);
  char order = type == FPW_BOOL ? '|' : llvm::sys::IsLittleEndianHost ? '<' : '>';
  os << "{'descr': '" << order << getDescr(type) << "', 'fortran_order': False, 'shape': (";
  llvm::interleaveComma(shape, os);
  os << (shape.size() == 1 ? ",)" : ")") << ", }";
  size_t prologue = kMagic.size() + 4;
  header.resize(llvm::alignTo(prologue + header.size() + 1, 64) - prologue - 1, ' ');
  header += '\n';
  assert(shape.size() <= kMaxRank && "too many dimensions");
  char version[4] = {1, 0};
  llvm::support::endian::write16le(version + 2, header.size());
  return kMagic.str() + std::string(version, sizeof(version)) + header;
}

Error fpw::writeNpy(StringRef path, ArrayRef<int64_t> shape, fpw_type type, ArrayRef<char> bytes) {
  return llvm::writeToOutput(path, [&](raw_ostream &os) {
    os << makePrologue(shape, type);
    os.write(bytes.data(), bytes.size());
    return Error::success();
  });
}

Error fpw::writeNpy(StringRef path, ArrayRef<int64_t> shape, ArrayRef<float> data) {
  ArrayRef bytes(reinterpret_cast<const char *>(data.data()), data.size() * sizeof(float));
  return writeNpy(path, shape, FPW_F32, bytes);
}
