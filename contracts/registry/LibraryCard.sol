// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

import {IERC5192} from "../interfaces/IERC5192.sol";

/// @title Library card: one soulbound token per organisation
/// @notice The token id is the organisation's id. Whoever holds the card votes as that organisation.
/// @dev Trust assumptions: the owner is `Contributors`, which has no way to hand it on; it mints a card and burns it, and nobody moves one.
contract LibraryCard is ERC721, Ownable, IERC5192 {
    /// @notice Cards are given and taken away, never transferred.
    error LibraryCardSoulbound(uint256 tokenId);

    /// @dev Contributors creates its own card.
    constructor() ERC721("Chongwen Library Card", "CARD") Ownable(msg.sender) {}

    /// @dev Reverts with LibraryCardSoulbound when the card exists, with ERC721InvalidReceiver for the zero address.
    function mint(address account, uint256 organisation) external onlyOwner {
        _mint(account, organisation);
        emit Locked(organisation);
    }

    /// @dev Reverts with ERC721NonexistentToken when there is no card.
    function burn(uint256 organisation) external onlyOwner {
        _burn(organisation);
    }

    /// @inheritdoc IERC5192
    function locked(uint256 tokenId) external view returns (bool) {
        _requireOwned(tokenId);
        return true;
    }

    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IERC5192).interfaceId || super.supportsInterface(interfaceId);
    }

    /// @dev Every mint, burn and transfer of ERC721 goes through here.
    function _update(address to, uint256 tokenId, address auth) internal override returns (address from) {
        from = super._update(to, tokenId, auth);
        if (from != address(0) && to != address(0)) revert LibraryCardSoulbound(tokenId);
    }
}
