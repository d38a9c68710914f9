// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The smallest model that there is: 64 lanes, of which only the first is not zero
/// @notice Updates have 4 chunks of 16 int16 lanes, models 8 chunks of 8 int32 lanes, norm traces one chunk of 4 uint64 sums. So a vector is one number, and
/// its tree that of one chunk with zeros beside it.
library TinyModel {
    uint256 internal constant UPDATE_CHUNKS = 4;
    uint256 internal constant MODEL_CHUNKS = 8;

    function updateChunk(int16 value) internal pure returns (bytes32) {
        uint16 lane = uint16(value);
        return bytes32(bytes2(lane << 8 | lane >> 8));
    }

    function modelChunk(int32 value) internal pure returns (bytes32) {
        uint32 lane = uint32(value);
        lane = (lane & 0x00ff00ff) << 8 | (lane & 0xff00ff00) >> 8;
        return bytes32(bytes4(lane << 16 | lane >> 16));
    }

    function updateRoot(int16 value) internal pure returns (bytes32) {
        return _hash(_hash(updateChunk(value), 0), _zero(1));
    }

    function modelRoot(int32 value) internal pure returns (bytes32) {
        return _hash(_hash(_hash(modelChunk(value), 0), _zero(1)), _zero(2));
    }

    /// @notice Four running sums, all of them the first lane's square. The chunk is the root.
    function traceRoot(uint64 sum) internal pure returns (bytes32) {
        uint256 little;
        for (uint256 i; i < 8; ++i) little = little << 8 | (sum >> 8 * i & 0xff);
        return bytes32(little << 192 | little << 128 | little << 64 | little);
    }

    function normSq(int16 value) internal pure returns (uint64) {
        return uint64(uint256(int256(value) * int256(value)));
    }

    /// @notice The first chunk, and the way from it to the root.
    function updateOpening(int16 value) internal pure returns (bytes memory) {
        return bytes.concat(updateChunk(value), bytes32(0), _zero(1));
    }

    function modelOpening(int32 value) internal pure returns (bytes memory) {
        return bytes.concat(modelChunk(value), bytes32(0), _zero(1), _zero(2));
    }

    /// @notice One of the chunks 2, 4 and 6: its way to the root shows none of the others.
    function paddingOpening(int32 value, uint256 chunk) internal pure returns (bytes memory) {
        bytes32 pair = _hash(modelChunk(value), 0);
        if (chunk == 2) return bytes.concat(bytes32(0), bytes32(0), pair, _zero(2));
        return bytes.concat(bytes32(0), bytes32(0), _zero(1), _hash(pair, _zero(1)));
    }

    /// @notice All of them: the opening of a run from the first chunk to the last.
    function modelChunks(int32 value) internal pure returns (bytes memory) {
        return bytes.concat(modelChunk(value), new bytes(32 * (MODEL_CHUNKS - 1)));
    }

    function updateChunks(int16 value) internal pure returns (bytes memory) {
        return bytes.concat(updateChunk(value), new bytes(32 * (UPDATE_CHUNKS - 1)));
    }

    /// @dev Root of a subtree of this height whose chunks are all zero.
    function _zero(uint256 height) private pure returns (bytes32 node) {
        for (uint256 i; i < height; ++i) node = _hash(node, node);
    }

    function _hash(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(bytes.concat(left, right));
    }
}
